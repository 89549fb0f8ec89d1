using Dreamer.Agents.DreamerV3;
using Dreamer.Agents.Tests.Support;
using Dreamer.Spaces;

namespace Dreamer.Agents.Tests;

/// <summary>The exact sizes of the specification's section 5.7; nothing is allocated for them.</summary>
public sealed class ParameterCountTests
{
    private static readonly EnvironmentSpec Vision = new(new ActionSpec(ActionKind.Continuous, 6), new TensorSpec("image", DType.UInt8, 64, 64, 3));
    private static readonly EnvironmentSpec Proprio = new(new ActionSpec(ActionKind.Continuous, 6), new TensorSpec("vector", DType.Float32, 24));

    [Theory]
    [InlineData("size1m", 686_846, 640_867)]
    [InlineData("size12m", 10_494_158, 9_738_019)]
    [InlineData("size25m", 23_489_326, 21_782_947)]
    [InlineData("size50m", 41_650_062, 38_612_003)]
    [InlineData("size100m", 93_468_238, 86_622_499)]
    [InlineData("size200m", 165_948_686, 153_769_507)]
    [InlineData("size400m", 372_896_398, 345_473_059)]
    public void PresetsHaveThePublishedSizes(string preset, long vision, long proprio)
    {
        var options = Sizes.Named(preset);
        Assert.Equal(vision, DreamerV3Agent.Describe(options, Vision).Values.Sum());
        Assert.Equal(proprio, DreamerV3Agent.Describe(options, Proprio).Values.Sum());
    }

    [Theory]
    [InlineData("size1m", 14_304, 376_704, 80_595, 57_663, 41_153, 50_316, 66_111)]
    [InlineData("size12m", 220_416, 5_979_648, 1_272_003, 721_407, 656_129, 791_052, 853_503)]
    public void ModulesHaveThePublishedSizes(string preset, long enc, long dyn, long dec, long rew, long con, long pol, long val)
    {
        var counts = DreamerV3Agent.Describe(Sizes.Named(preset), Vision);
        Assert.Equal(["enc", "dyn", "dec", "rew", "con", "pol", "val"], counts.Keys);
        Assert.Equal([enc, dyn, dec, rew, con, pol, val], counts.Values);
    }

    [Fact]
    public void AtariAndCrafterHaveThePublishedSizes()
    {
        var options = new DreamerV3Options();
        var atari = new EnvironmentSpec(new ActionSpec(ActionKind.Discrete, 18), new TensorSpec("image", DType.UInt8, 96, 96, 1));
        var crafter = new EnvironmentSpec(new ActionSpec(ActionKind.Discrete, 17), new TensorSpec("image", DType.UInt8, 64, 64, 3));
        Assert.Equal(186_936_082, DreamerV3Agent.Describe(options, atari).Values.Sum());
        Assert.Equal(165_965_075, DreamerV3Agent.Describe(options, crafter).Values.Sum());
    }

    [Theory]
    [InlineData(80, 64)]
    [InlineData(60, 60)]
    [InlineData(32, 32)]
    public void ImagesOfOtherShapesAreRefused(int height, int width)
    {
        var spec = new EnvironmentSpec(new ActionSpec(ActionKind.Discrete, 2), new TensorSpec("image", DType.UInt8, height, width, 3));
        var error = Assert.Throws<NotSupportedException>(() => DreamerV3Agent.Describe(new DreamerV3Options(), spec));
        Assert.Contains("multiple of 16", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Deter", "blocks")]
    [InlineData("Bins", "bins")]
    [InlineData("Classes", "classes")]
    public void OptionsThatCannotWorkNameTheSetting(string option, string named)
    {
        var options = new DreamerV3Options();
        typeof(DreamerV3Options).GetProperty(option)!.SetValue(options, 1001 * 2);
        Assert.Contains(named, Assert.Throws<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);
    }
}
