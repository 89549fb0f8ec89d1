using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Dreamer.Environments.Rendering.Scene3D;

/// <summary>
/// Casts rays, eight at a time, at a <see cref="Scene"/>: one per pixel, and four where shapes meet. Hard shadows, one mirror, no libraries;
/// the same scene gives the same bytes on every machine. Keeps its buffers, so own one per thread.
/// </summary>
public sealed class SceneRenderer
{
    private const int TileWidth = 4;
    private const int TileHeight = 2;
    private const float ShadowBias = 2e-3f;

    // Where the four rays of a pixel on an edge lie: a rotated square.
    private static readonly Vector256<float> SampleX = Vector256.Create(-0.125f, 0.375f, -0.375f, 0.125f, -0.125f, 0.375f, -0.375f, 0.125f);
    private static readonly Vector256<float> SampleY = Vector256.Create(-0.375f, -0.125f, 0.125f, 0.375f, -0.375f, -0.125f, 0.125f, 0.375f);
    private static readonly Vector256<float> TileX = Vector256.Create(0f, 1, 2, 3, 0, 1, 2, 3);
    private static readonly Vector256<float> TileY = Vector256.Create(0f, 0, 0, 0, 1, 1, 1, 1);

    private readonly List<int> glass = [];
    private int[] ids = [];
    private Area[] seen = [];
    private Area[] mirrored = [];
    private Area[][] lit = [];
    private View[] lightViews = [];
    private int[] hits = [];
    private Scene scene = new();
    private Camera camera;
    private int mirror;
    private float pixel;
    private float centreX;
    private float centreY;

    /// <summary>Draws a picture.</summary>
    /// <param name="scene">Read only.</param>
    /// <param name="camera">Where from.</param>
    /// <param name="pixels">Written: [height, width, 3], row 0 on top.</param>
    /// <param name="width">In pixels.</param>
    /// <param name="height">In pixels.</param>
    /// <exception cref="ArgumentException">The buffer is not height x width x 3 bytes.</exception>
    public void Render(Scene scene, Camera camera, Span<byte> pixels, int width, int height)
    {
        if (pixels.Length != width * height * 3)
        {
            throw new ArgumentException($"a {width}x{height} picture takes {width * height * 3} bytes, got {pixels.Length}", nameof(pixels));
        }

        Prepare(scene, camera, width, height);
        for (var row = 0; row < height; row += TileHeight)
        {
            for (var column = 0; column < width; column += TileWidth)
            {
                var colour = Trace(
                    TileX + Vector256.Create((float)column), TileY + Vector256.Create((float)row),
                    Around(column, row, column + TileWidth - 1, row + TileHeight - 1), out var id);
                for (var lane = 0; lane < TileWidth * TileHeight; lane++)
                {
                    var (x, y) = (column + (lane % TileWidth), row + (lane / TileWidth));
                    if (x < width && y < height)
                    {
                        ids[(y * width) + x] = id[lane];
                        Write(pixels, (y * width) + x, new(colour.X[lane], colour.Y[lane], colour.Z[lane]));
                    }
                }
            }
        }

        Smooth(pixels, width, height);
    }

    private void Prepare(Scene scene, Camera camera, int width, int height)
    {
        (this.scene, this.camera) = (scene, camera);
        pixel = 2 * MathF.Tan(camera.FieldOfView * (MathF.PI / 360)) / height;
        (centreX, centreY) = ((width - 1) / 2f, (height - 1) / 2f);
        var shapes = CollectionsMarshal.AsSpan(scene.Shapes);
        if (hits.Length < shapes.Length || lit.Length != scene.Lights.Count)
        {
            var count = shapes.Length;
            (hits, seen, mirrored) = (new int[count], new Area[count], new Area[count]);
            lit = [.. scene.Lights.Select(_ => new Area[count])];
            lightViews = new View[lit.Length];
        }

        if (ids.Length < width * height)
        {
            ids = new int[width * height];
        }

        glass.Clear();
        mirror = scene.Shapes.FindIndex(shape => shape.Kind == ShapeKind.Plane && shape.Surface.Reflectance > 0);
        var view = new View(camera.Pose, Parallel: false);
        var mirrorView = mirror < 0 ? view : new View(camera.Pose.MirroredIn(shapes[mirror].Pose), Parallel: false);
        for (var index = 0; index < shapes.Length; index++)
        {
            ref readonly var shape = ref shapes[index];
            seen[index] = view.Bounds(shape);
            mirrored[index] = mirror < 0 || shape.Kind == ShapeKind.Plane ? Area.Nothing : mirrorView.Bounds(shape);
            if (shape.Surface.Opacity < 1)
            {
                glass.Add(index);
            }
        }

        // Far ones first: each is painted over what lies behind it.
        var eye = camera.Pose.Position;
        glass.Sort((left, right) => Vector3.DistanceSquared(scene.Shapes[right].Pose.Position, eye)
            .CompareTo(Vector3.DistanceSquared(scene.Shapes[left].Pose.Position, eye)));
        for (var light = 0; light < lit.Length; light++)
        {
            lightViews[light] = new View(scene.Lights[light].Pose, scene.Lights[light].Directional);
            for (var index = 0; index < shapes.Length; index++)
            {
                lit[light][index] = shapes[index].CastsShadow && shapes[index].Kind != ShapeKind.Plane
                    ? lightViews[light].Bounds(shapes[index])
                    : Area.Nothing;
            }
        }
    }

    private Lanes3 Trace(Vector256<float> x, Vector256<float> y, in Area area, out Vector256<int> id)
    {
        var right = (x - Vector256.Create(centreX)) * pixel;
        var up = (Vector256.Create(centreY) - y) * pixel;
        var direction = new Lanes3(right, up, -Vector256<float>.One).OutOf(camera.Pose).Normalised();
        var origin = Lanes3.Broadcast(camera.Pose.Position);
        var shapes = CollectionsMarshal.AsSpan(scene.Shapes);
        var count = Nearest(shapes, seen, area, origin, direction, out var distance, out id);
        var colour = Lighting.Sky(scene, direction);
        if (count > 0)
        {
            var hit = Vector256.LessThan(distance, Vector256.Create(float.PositiveInfinity));
            var point = origin + (direction * (distance & hit));
            Span<Vector256<float>> bright = stackalloc Vector256<float>[lit.Length];
            Shadows(shapes, point, hit, bright);
            foreach (var index in hits.AsSpan(0, count))
            {
                var mine = Vector256.Equals(id, Vector256.Create(index)).AsSingle();
                if (mine.ExtractMostSignificantBits() == 0)
                {
                    continue;
                }

                var shade = Shade(shapes[index], point, direction, distance, bright);
                if (index == mirror)
                {
                    shade += Reflection(shapes, area, point, direction) * Vector256.Create(shapes[index].Surface.Reflectance);
                }

                colour = Lanes3.Select(mine, shade, colour);
            }
        }

        foreach (var index in glass)
        {
            if (seen[index].Meets(area))
            {
                id = Vector256.ConditionalSelect(
                    Veil(shapes[index], origin, direction, distance, ref colour).AsInt32(), Vector256.Create(index), id);
            }
        }

        return colour;
    }

    // Fills in the opaque shape that each ray meets first, -1 for none; the shapes met by any are in hits.
    private int Nearest(
        ReadOnlySpan<Shape> shapes, Area[] bounds, in Area area, in Lanes3 origin, in Lanes3 direction, out Vector256<float> distance, out Vector256<int> id)
    {
        distance = Vector256.Create(float.PositiveInfinity);
        id = Vector256.Create(-1);
        var count = 0;
        for (var index = 0; index < shapes.Length; index++)
        {
            if (bounds[index].Meets(area) && shapes[index].Surface.Opacity >= 1)
            {
                var enter = Solids.Enter(shapes[index], origin, direction);
                var nearer = Vector256.LessThan(enter, distance);
                if (nearer.ExtractMostSignificantBits() != 0)
                {
                    distance = Vector256.ConditionalSelect(nearer, enter, distance);
                    id = Vector256.ConditionalSelect(nearer.AsInt32(), Vector256.Create(index), id);
                    hits[count++] = index;
                }
            }
        }

        return count;
    }

    // One mask per light: which points it reaches.
    private void Shadows(ReadOnlySpan<Shape> shapes, in Lanes3 point, Vector256<float> hit, Span<Vector256<float>> bright)
    {
        for (var index = 0; index < bright.Length; index++)
        {
            bright[index] = Vector256<float>.AllBitsSet;
            var light = scene.Lights[index];
            if (!light.CastsShadow)
            {
                continue;
            }

            var area = lightViews[index].Bounds(point, hit);
            var (toLight, length) = (Lanes3.Broadcast(light.Pose.Z), Vector256.Create(float.PositiveInfinity));
            if (!light.Directional)
            {
                toLight = Lanes3.Broadcast(light.Pose.Position) - point;
                length = Vector256.Sqrt(Lanes3.Dot(toLight, toLight));
                toLight *= Vector256<float>.One / length;
            }

            for (var caster = 0; caster < shapes.Length; caster++)
            {
                if (lit[index][caster].Meets(area))
                {
                    var distance = Solids.Enter(shapes[caster], point, toLight);
                    var hidden = Vector256.GreaterThan(distance, Vector256.Create(ShadowBias)) & Vector256.LessThan(distance, length);
                    bright[index] = Vector256.AndNot(bright[index], hidden);
                }
            }
        }
    }

    // In passes, as OpenGL's fixed pipeline adds them up: the headlight and all lights without shadows, then each of the others. None is
    // brighter than white, before the texture.
    private Lanes3 Shade(in Shape shape, in Lanes3 point, in Lanes3 direction, Vector256<float> distance, ReadOnlySpan<Vector256<float>> bright)
    {
        var surface = shape.Surface;
        var colour = Lanes3.Broadcast(surface.Checker is null ? surface.Colour : Vector3.One);
        var normal = Solids.Normal(shape, point);
        var toEye = Lanes3.Broadcast(Vector3.Zero) - direction;
        var (white, gloss) = (Vector256.Create(surface.Emission), Vector256<float>.Zero);
        Lighting.AddHeadlight(scene, camera.Pose.Z, surface, normal, toEye, ref white, ref gloss);
        var first = (colour * white) + new Lanes3(gloss, gloss, gloss);
        var others = Lanes3.Broadcast(Vector3.Zero);
        for (var index = 0; index < bright.Length; index++)
        {
            var light = scene.Lights[index];
            var (diffuse, highlight) = Lighting.Shine(light, surface, point, normal, toEye, bright[index]);
            var more = (colour * diffuse) + highlight;
            if (light.CastsShadow)
            {
                others += more.AtMostOne();
            }
            else
            {
                first += more;
            }
        }

        var sum = first.AtMostOne() + others;
        return surface.Checker is null
            ? sum
            : sum * Lighting.Texture(shape, point, direction, distance * -Lanes3.Dot(direction, camera.Pose.Z), camera.Pose, pixel);
    }

    // What the mirror shows: solids only, without shadows.
    private Lanes3 Reflection(ReadOnlySpan<Shape> shapes, in Area area, in Lanes3 point, in Lanes3 direction)
    {
        var up = Lanes3.Broadcast(shapes[mirror].Pose.Z);
        var back = direction - (up * (Lanes3.Dot(direction, up) * 2f));
        var colour = Lanes3.Broadcast(Vector3.Zero);

        // The caller is walking through hits: what is met here goes behind them.
        var distance = Vector256.Create(float.PositiveInfinity);
        Span<Vector256<float>> bright = stackalloc Vector256<float>[lit.Length];
        bright.Fill(Vector256<float>.AllBitsSet);
        for (var index = 0; index < shapes.Length; index++)
        {
            if (!mirrored[index].Meets(area) || shapes[index].Surface.Opacity < 1)
            {
                continue;
            }

            var enter = Solids.Enter(shapes[index], point, back);
            var nearer = Vector256.LessThan(enter, distance);
            if (nearer.ExtractMostSignificantBits() != 0)
            {
                distance = Vector256.ConditionalSelect(nearer, enter, distance);
                colour = Lanes3.Select(nearer, Shade(shapes[index], point + (back * (distance & nearer)), back, distance, bright), colour);
            }
        }

        return colour;
    }

    private Vector256<float> Veil(in Shape shape, in Lanes3 origin, in Lanes3 direction, Vector256<float> behind, ref Lanes3 colour)
    {
        var distance = Solids.Enter(shape, origin, direction);
        var nearer = Vector256.LessThan(distance, behind);
        if (nearer.ExtractMostSignificantBits() != 0)
        {
            Span<Vector256<float>> bright = stackalloc Vector256<float>[lit.Length];
            bright.Fill(Vector256<float>.AllBitsSet);
            var shade = Shade(shape, origin + (direction * (distance & nearer)), direction, distance, bright);
            var mixed = colour + ((shade - colour) * Vector256.Create(shape.Surface.Opacity));
            colour = Lanes3.Select(nearer, mixed, colour);
        }

        return nearer;
    }

    // Casts four rays at each pixel that shows another shape than one of its neighbours, two pixels at once.
    private void Smooth(Span<byte> pixels, int width, int height)
    {
        var first = -1;
        for (var at = 0; at < width * height; at++)
        {
            if (!OnEdge(at, width, height))
            {
                continue;
            }

            if (first < 0)
            {
                first = at;
                continue;
            }

            Resample(pixels, first, at, width);
            first = -1;
        }

        if (first >= 0)
        {
            Resample(pixels, first, first, width);
        }
    }

    private bool OnEdge(int at, int width, int height)
    {
        var (row, column) = (at / width, at % width);
        var id = ids[at];
        return (column > 0 && ids[at - 1] != id) || (column < width - 1 && ids[at + 1] != id)
            || (row > 0 && ids[at - width] != id) || (row < height - 1 && ids[at + width] != id);
    }

    private void Resample(Span<byte> pixels, int first, int second, int width)
    {
        var (x1, y1, x2, y2) = (first % width, first / width, second % width, second / width);
        var colour = Trace(
            SampleX + Vector256.Create(Vector128.Create((float)x1), Vector128.Create((float)x2)),
            SampleY + Vector256.Create(Vector128.Create((float)y1), Vector128.Create((float)y2)),
            Around(Math.Min(x1, x2), Math.Min(y1, y2), Math.Max(x1, x2), Math.Max(y1, y2)), out _);
        colour = colour.AtMostOne();
        Write(pixels, first, 0.25f * new Vector3(
            Vector128.Sum(colour.X.GetLower()), Vector128.Sum(colour.Y.GetLower()), Vector128.Sum(colour.Z.GetLower())));
        Write(pixels, second, 0.25f * new Vector3(
            Vector128.Sum(colour.X.GetUpper()), Vector128.Sum(colour.Y.GetUpper()), Vector128.Sum(colour.Z.GetUpper())));
    }

    // The picture plane's rectangle of pixels, borders included.
    private Area Around(int left, int top, int right, int bottom) => new(
        (left - centreX - 0.5f) * pixel, (centreY - bottom - 0.5f) * pixel, (right - centreX + 0.5f) * pixel, (centreY - top + 0.5f) * pixel);

    private static void Write(Span<byte> pixels, int at, Vector3 colour)
    {
        colour = (Vector3.Clamp(colour, Vector3.Zero, Vector3.One) * 255) + new Vector3(0.5f);
        (pixels[3 * at], pixels[(3 * at) + 1], pixels[(3 * at) + 2]) = ((byte)colour.X, (byte)colour.Y, (byte)colour.Z);
    }
}
