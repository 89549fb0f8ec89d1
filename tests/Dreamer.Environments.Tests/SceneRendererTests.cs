using System.Numerics;
using System.Security.Cryptography;
using Dreamer.Environments.Rendering.Scene3D;

namespace Dreamer.Environments.Tests;

public sealed class SceneRendererTests
{
    private static readonly Camera Above = new(new Pose(new(0, 0, 4), Vector3.UnitX, Vector3.UnitY, Vector3.UnitZ), 53.1301f);

    [Fact]
    public void A_pixel_shows_the_nearest_shape()
    {
        var random = new Random(5);
        var scene = new Scene { Headlight = default };
        for (var index = 0; index < 12; index++)
        {
            var kind = (ShapeKind)(1 + (index % 5));
            var size = new Vector3(0.15f) + (0.3f * new Vector3(random.NextSingle(), random.NextSingle(), random.NextSingle()));
            var place = new Vector3((3 * random.NextSingle()) - 1.5f, (3 * random.NextSingle()) - 1.5f, 2 * random.NextSingle());
            scene.Shapes.Add(new(kind, Pose.Along(place, place + new Vector3(0.1f)), size, Glow(20 * (index + 1))));
        }

        var pixels = Render(scene, Above, 64);
        var shown = 0;
        for (var row = 1; row < 63; row++)
        {
            for (var column = 1; column < 63; column++)
            {
                var expected = Nearest(scene, row, column);
                if (new[] { (0, 1), (1, 0), (0, -1), (-1, 0) }.All(by => Nearest(scene, row + by.Item1, column + by.Item2) == expected) && expected >= 0)
                {
                    shown++;
                    Assert.Equal(20 * (expected + 1), pixels[((row * 64) + column) * 3]);
                }
            }
        }

        Assert.InRange(shown, 200, 3000);
    }

    [Fact]
    public void A_ball_covers_its_disc_with_soft_borders()
    {
        var scene = new Scene { Headlight = default, SkyTop = default };
        scene.Shapes.Add(new(ShapeKind.Sphere, Pose.At(default), new(1), Glow(255)));
        var pixels = Render(scene, Above, 64);

        // Seen from distance 4 a unit ball has the outline tan(asin(1 / 4)); the picture is 1 high at distance 1.
        var radius = 64 * Math.Tan(Math.Asin(0.25));
        var area = Enumerable.Range(0, 64 * 64).Sum(pixel => Math.Max(0, pixels[3 * pixel] - 3) / 252.0);
        Assert.Equal(Math.PI * radius * radius, area, 6.0);
        Assert.Contains(pixels, value => value is > 40 and < 220);
    }

    [Fact]
    public void Squares_of_a_checker_lie_where_their_coordinates_say_and_fade_to_gray_far_away()
    {
        var scene = new Scene { Headlight = Vector3.UnitX };
        scene.Shapes.Add(new(ShapeKind.Plane, Pose.At(default), default, new Surface(new(1, 0, 0)) { Checker = new(0, 1, 0), Specular = 0 }));
        var pixels = Render(scene, Above, 64);
        Assert.Equal((255, 0), Pixel(pixels, 24, 40)); // x 0.5, y 0.5
        Assert.Equal((0, 255), Pixel(pixels, 24, 24)); // x -0.5
        Assert.Equal((255, 0), Pixel(pixels, 40, 24));
        Assert.Equal((0, 255), Pixel(pixels, 40, 40));

        var far = Render(scene, new Camera(Pose.LookAt(new(0, 0, 2), new(100, 0, 0))), 64);
        var (red, green) = Pixel(far, 33, 32);
        Assert.InRange(red, 100, 155);
        Assert.InRange(green, 100, 155);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Shadows_fall_where_the_light_is_hidden_and_only_from_shapes_that_cast_them(bool directional)
    {
        var light = new Light(Pose.LookAt(new(-3, 0, 3), default)) { Directional = directional, Exponent = 0, Specular = default };
        int[] Brightness(bool casts)
        {
            var scene = new Scene { Headlight = new(0.2f, 0, 0) };
            scene.Lights.Add(light);
            scene.Shapes.Add(new(ShapeKind.Plane, Pose.At(default), default, new Surface(new(1)) { Specular = 0 }));
            scene.Shapes.Add(new(ShapeKind.Sphere, Pose.At(new(-0.5f, 0, 0.6f)), new(0.2f), new Surface(new(1)), casts));
            var pixels = Render(scene, Above, 64);

            // The shadow's middle lies at x = 0.1 (parallel light) or 0.125 (the spot); x = 1 is bright.
            return [Pixel(pixels, 32, 33).Red, Pixel(pixels, 32, 48).Red];
        }

        Assert.Equal(51, Brightness(casts: true)[0]);
        Assert.InRange(Brightness(casts: true)[1], 120, 255);
        Assert.Equal(Brightness(casts: true)[1], Brightness(casts: false)[1]);
        Assert.InRange(Brightness(casts: false)[0], 120, 255);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void No_shape_shades_itself_where_it_faces_the_light(bool directional)
    {
        var scene = new Scene { Headlight = default, SkyTop = Vector3.One, SkyBottom = Vector3.One };
        scene.Lights.Add(new(Pose.At(new(0, 0, 6))) { Directional = directional, Exponent = 0, Ambient = new(0.1f), Diffuse = new(0.9f) });
        foreach (var kind in new[] { ShapeKind.Sphere, ShapeKind.Capsule, ShapeKind.Cylinder, ShapeKind.Ellipsoid, ShapeKind.Box })
        {
            scene.Shapes.Add(new(kind, Pose.Along(new(((int)kind - 4) * 0.65f, 0, 0.5f), new(1, 3, 2)), new(0.25f, 0.3f, 0.2f), new Surface(new(1))));
        }

        var pixels = Render(scene, Above, 64);
        Assert.Contains(pixels, value => value < 200);
        Assert.DoesNotContain(pixels, value => value < 26);
    }

    [Fact]
    public void A_mirror_adds_its_share_and_glass_lets_the_rest_through()
    {
        byte[] Picture(float reflectance, float opacity)
        {
            var scene = new Scene { Headlight = default, SkyTop = default };
            scene.Shapes.Add(new(ShapeKind.Plane, Pose.At(default), default, new Surface(new(0.2f)) { Emission = 1, Reflectance = reflectance }));
            scene.Shapes.Add(new(ShapeKind.Sphere, Pose.At(new(0, 0, 1)), new(0.5f), Glow(200) with { Opacity = opacity }));
            return Render(scene, new Camera(Pose.LookAt(new(0, -4, 1), new(0, 0, 0))), 65);
        }

        // The mirror image, whose centre is (0, 0, -1), lies as far below the middle as the ball above it.
        Assert.Equal(51, Pixel(Picture(0, 1), 45, 32, 65).Red);
        Assert.Equal(51 + 100, Pixel(Picture(0.5f, 1), 45, 32, 65).Red);
        Assert.Equal(200, Pixel(Picture(0, 1), 17, 32, 65).Red);
        Assert.InRange(Pixel(Picture(0, 0.5f), 17, 32, 65).Red, 101, 128);
    }

    [Fact]
    public void The_same_scene_gives_the_same_bytes_and_other_sizes_the_same_view()
    {
        var (scene, camera) = Figure();
        var renderer = new SceneRenderer();
        var (small, large) = (new byte[64 * 64 * 3], new byte[126 * 126 * 3]);
        renderer.Render(scene, camera, small, 64, 64);
        Assert.Equal("978F7CA6", Convert.ToHexString(SHA256.HashData(small))[..8]);
        renderer.Render(scene, camera, large, 126, 126);
        renderer.Render(scene, camera, small, 64, 64);
        Assert.Equal(Render(scene, camera, 64), small);
        Assert.Equal(small.Average(value => value), large.Average(value => value), 1.5);
        Assert.Throws<ArgumentException>(() => renderer.Render(scene, camera, small, 64, 63));
    }

    private static (Scene Scene, Camera Camera) Figure()
    {
        var scene = new Scene();
        scene.Shapes.Add(new(ShapeKind.Plane, Pose.At(default), new(3, 0.8f, 0), new Surface(new(0.2f, 0.3f, 0.4f)) { Checker = new(0.1f, 0.2f, 0.3f), Reflectance = 0.2f }));
        scene.Shapes.Add(new(ShapeKind.Capsule, Pose.Along(new(0, 0, 1.3f), new(0.2f, 0, 1)), new(0.07f, 0.3f, 0), new Surface(new(0.7f, 0.5f, 0.3f))));
        scene.Shapes.Add(new(ShapeKind.Box, Pose.Along(new(0.5f, 0, 0.5f), new(0.2f, 0.1f, 1)), new(0.2f, 0.1f, 0.3f), new Surface(new(0.7f, 0.5f, 0.3f))));
        scene.Lights.Add(new(Pose.At(new(0, 0, 3.3f))));
        return (scene, new Camera(Pose.LookAt(new(0, -2.5f, 1.5f), new(0, 0, 0.9f))));
    }

    private static int Nearest(Scene scene, int row, int column)
    {
        var direction = Vector3.Normalize(new((column - 31.5f) / 64, (31.5f - row) / 64, -1));
        var found = scene.Shapes
            .Select((shape, index) => (Distance: Solids.Enter(shape, Lanes3.Broadcast(Above.Pose.Position), Lanes3.Broadcast(direction))[0], index))
            .MinBy(hit => hit.Distance);
        return float.IsFinite(found.Distance) ? found.index : -1;
    }

    private static Surface Glow(int brightness) => new(new Vector3(brightness / 255f)) { Emission = 1, Specular = 0 };

    private static byte[] Render(Scene scene, Camera camera, int size)
    {
        var pixels = new byte[size * size * 3];
        new SceneRenderer().Render(scene, camera, pixels, size, size);
        return pixels;
    }

    private static (int Red, int Green) Pixel(byte[] pixels, int row, int column, int size = 64) =>
        (pixels[((row * size) + column) * 3], pixels[(((row * size) + column) * 3) + 1]);
}
