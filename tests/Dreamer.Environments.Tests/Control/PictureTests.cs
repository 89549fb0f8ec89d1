using Dreamer.Environments.Mujoco;
using Dreamer.Environments.Rendering;
using Dreamer.Spaces;

namespace Dreamer.Environments.Tests.Control;

/// <summary>Our pictures of the Control suite beside those of MuJoCo's own renderer.</summary>
public sealed class PictureTests
{
    // MuJoCo strews white points over the sky, lights planes at their corners only, and has round things made of flat faces.
    private const double Ours = 5.5;

    // The same library on another graphics driver.
    private const double Theirs = 2;

    private static readonly string[] Names = ["dmc_reacher_easy", "dmc_finger_turn_easy", "dmc_walker_walk", "dmc_quadruped_walk"];

    public static TheoryData<string> Drawn => [.. Names];

    [Theory]
    [MemberData(nameof(Drawn))]
    public void Ours_look_like_MuJoCo_s(string name)
    {
        var reference = Read(name);
        var ours = Draw(name, RendererKind.Software);
        Assert.InRange(MeanError(reference, ours), 0, Ours);
        for (var channel = 0; channel < 3; channel++)
        {
            Assert.Equal(Mean(reference, channel), Mean(ours, channel), 3.0);
        }

        // The bound tells tasks apart.
        Assert.All(Names.Where(other => other != name), other => Assert.True(MeanError(Read(other), ours) > 2 * Ours));
    }

    [Fact]
    public void MuJoCo_s_renderer_draws_its_own_pictures_or_names_what_it_lacks()
    {
        try
        {
            Assert.InRange(MeanError(Read("dmc_walker_walk"), Draw("dmc_walker_walk", RendererKind.Mujoco)), 0, Theirs);
        }
        catch (MujocoException missing)
        {
            Assert.Contains("libegl-mesa0", missing.Message, StringComparison.Ordinal);
            Assert.Contains("env.renderer software", missing.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Each_record_shows_its_own_state()
    {
        using var environment = EnvironmentRegistry.Make(new EnvironmentOptions { Name = "dmc_ball_in_cup_catch", Observation = ObservationKind.Both }, seed: 3);
        var step = new TimeStep(environment.Spec);
        environment.Reset(step);
        var first = step.Observations[0].ToArray();
        for (var time = 0; time < 10; time++)
        {
            environment.Step([1, 1], step);
        }

        Assert.True(first.Zip(step.Observations[0]).Count(pixel => Math.Abs(pixel.First - pixel.Second) > 20) > 20);
        environment.Reset(step);
        Assert.NotEqual(first, step.Observations[0]);
    }

    private static byte[] Draw(string name, RendererKind renderer)
    {
        using var environment = EnvironmentRegistry.Make(new EnvironmentOptions { Name = name, Observation = ObservationKind.Image, Renderer = renderer }, seed: 3);
        var step = new TimeStep(environment.Spec);
        environment.Reset(step);
        return step.Observations[0];
    }

    private static byte[] Read(string name)
    {
        using var file = typeof(PictureTests).Assembly.GetManifestResourceStream($"{name}.png")!;
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        var (width, height, rgba) = PngDecoder.Decode(bytes.ToArray());
        Assert.Equal((64, 64), (width, height));
        return [.. rgba.Where((_, index) => index % 4 < 3)];
    }

    private static double MeanError(byte[] left, byte[] right) => left.Zip(right).Average(pixel => Math.Abs(pixel.First - pixel.Second));

    private static double Mean(byte[] pixels, int channel) => pixels.Where((_, index) => index % 3 == channel).Average(value => value);
}
