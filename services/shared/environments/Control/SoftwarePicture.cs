using System.Numerics;
using Dreamer.Environments.Mujoco;
using Dreamer.Environments.Rendering.Scene3D;

namespace Dreamer.Environments.Control;

/// <summary>Draws a model with <see cref="SceneRenderer"/>, by the rules by which MuJoCo makes a scene of it: no graphics library needed.</summary>
public sealed class SoftwarePicture : IPicture
{
    // MuJoCo hides the groups after these.
    private const int ShownGroups = 3;

    private static readonly Vector4 Unset = new(0.5f, 0.5f, 0.5f, 1);

    // The suite's floor tiles: every model's looks.xml.
    private static readonly Vector3 LightTile = new(0.2f, 0.3f, 0.4f);
    private static readonly Vector3 DarkTile = new(0.1f, 0.2f, 0.3f);

    private readonly Scene scene = new();
    private readonly SceneRenderer renderer = new();
    private readonly Dictionary<(int Material, Vector4 Colour), Surface> surfaces = [];

    public bool NeedsSky => false;

    public void Draw(Physics physics, int camera, Span<byte> pixels, int size)
    {
        var (model, data) = (physics.Model, physics.Data);
        scene.Shapes.Clear();
        scene.Lights.Clear();
        AddGeoms(model, data);
        AddSites(model, data);
        AddTendons(model, data);
        AddLights(model, data);
        var pose = Pose.From(data.CameraPosition.Slice(3 * camera, 3), data.CameraRotation.Slice(9 * camera, 9));
        renderer.Render(scene, new Camera(pose, (float)model.CameraFieldOfView[camera]), pixels, size, size);
    }

    public void Dispose()
    {
    }

    private void AddGeoms(MujocoModel model, MujocoData data)
    {
        for (var geom = 0; geom < model.GeomCount; geom++)
        {
            if (model.GeomGroup[geom] < ShownGroups)
            {
                Add(
                    (GeomShape)model.GeomShapes[geom],
                    Pose.From(data.GeomPosition.Slice(3 * geom, 3), data.GeomRotation.Slice(9 * geom, 9)),
                    model.GeomSize.Slice(3 * geom, 3),
                    Find(model, model.GeomMaterial[geom], Colour(model.GeomColour, geom)));
            }
        }
    }

    private void AddSites(MujocoModel model, MujocoData data)
    {
        for (var site = 0; site < model.SiteCount; site++)
        {
            if (model.SiteGroup[site] < ShownGroups)
            {
                Add(
                    (GeomShape)model.SiteShapes[site],
                    Pose.From(data.SitePosition.Slice(3 * site, 3), data.SiteRotation.Slice(9 * site, 9)),
                    model.SiteSize.Slice(3 * site, 3),
                    Find(model, model.SiteMaterial[site], Colour(model.SiteColour, site)));
            }
        }
    }

    private void AddTendons(MujocoModel model, MujocoData data)
    {
        var points = data.TendonPoints;
        for (var tendon = 0; tendon < model.TendonCount; tendon++)
        {
            var surface = Find(model, material: -1, Colour(model.TendonColour, tendon));
            for (var at = data.TendonAddress[tendon]; at < data.TendonAddress[tendon] + data.TendonLength[tendon] - 1; at++)
            {
                var (from, to) = (Vector(points, at), Vector(points, at + 1));
                if (from != to)
                {
                    var size = new Vector3((float)model.TendonWidth[tendon], Vector3.Distance(from, to) / 2, 0);
                    scene.Shapes.Add(new Shape(ShapeKind.Capsule, Pose.Along((from + to) / 2, to - from), size, surface));
                }
            }
        }
    }

    private void AddLights(MujocoModel model, MujocoData data)
    {
        for (var light = 0; light < model.LightCount; light++)
        {
            if (model.LightActive[light] == 1)
            {
                scene.Lights.Add(new Light(Pose.Along(Vector(data.LightPosition, light), -Vector(data.LightDirection, light)))
                {
                    Directional = model.IsDirectional(light),
                    Ambient = Vector(model.LightAmbient, light),
                    Diffuse = Vector(model.LightDiffuse, light),
                    Specular = Vector(model.LightSpecular, light),
                    Cutoff = model.LightCutoff[light],
                    Exponent = (int)MathF.Round(model.LightExponent[light]),
                    CastsShadow = model.LightCastsShadow[light] == 1,
                });
            }
        }
    }

    private void Add(GeomShape shape, Pose pose, ReadOnlySpan<double> size, Surface surface)
    {
        ShapeKind? kind = shape switch
        {
            GeomShape.Plane => ShapeKind.Plane,
            GeomShape.Sphere => ShapeKind.Sphere,
            GeomShape.Capsule => ShapeKind.Capsule,
            GeomShape.Ellipsoid => ShapeKind.Ellipsoid,
            GeomShape.Cylinder => ShapeKind.Cylinder,
            GeomShape.Box => ShapeKind.Box,
            _ => null,
        };
        if (kind is not null && surface.Opacity > 0)
        {
            scene.Shapes.Add(new Shape(kind.Value, pose, Vector(size, 0), surface));
        }
    }

    private Surface Find(MujocoModel model, int material, Vector4 colour)
    {
        if (!surfaces.TryGetValue((material, colour), out var surface))
        {
            surfaces[(material, colour)] = surface = Make(model, material, colour);
        }

        return surface;
    }

    private static Surface Make(MujocoModel model, int material, Vector4 colour)
    {
        if (material < 0)
        {
            return new Surface(new(colour.X, colour.Y, colour.Z)) { Opacity = Opacity(colour.W) };
        }

        // An object's own colour goes before its material's.
        colour = colour == Unset ? Colour(model.MaterialColour, material) : colour;
        var reflectance = model.MaterialReflectance[material];
        return new Surface(reflectance > 0 ? LightTile : new(colour.X, colour.Y, colour.Z))
        {
            Checker = reflectance > 0 ? DarkTile : null,
            Opacity = Opacity(colour.W),
            Emission = model.MaterialEmission[material],
            Specular = model.MaterialSpecular[material],
            Shininess = model.MaterialShininess[material],
            Reflectance = reflectance,
        };
    }

    // MuJoCo paints what is transparent twice, front to back and back to front.
    private static float Opacity(float alpha) => alpha >= 0.995f ? 1 : 1 - ((1 - alpha) * (1 - alpha));

    private static Vector4 Colour(ReadOnlySpan<float> rows, int row) => new(rows.Slice(4 * row, 4));

    private static Vector3 Vector(ReadOnlySpan<float> rows, int row) => new(rows.Slice(3 * row, 3));

    private static Vector3 Vector(ReadOnlySpan<double> rows, int row) => new((float)rows[3 * row], (float)rows[(3 * row) + 1], (float)rows[(3 * row) + 2]);
}
