using Dreamer.Agents.DreamerV3;

namespace Dreamer.Agents.Tests.Support;

/// <summary>The published sizes (spec 5.7), and one for a look at the machinery in seconds.</summary>
internal static class Sizes
{
    public static readonly DreamerV3Options Debug = new()
    {
        BatchSize = 8,
        BatchLength = 10,
        Deter = 8,
        Hidden = 3,
        Stoch = 2,
        Classes = 4,
        Blocks = 4,
        Depth = 2,
        Units = 8,
        Bins = 5,
        EncoderLayers = 1,
        DecoderLayers = 1,
        PriorLayers = 1,
        RewardLayers = 1,
        ContinueLayers = 1,
        PolicyLayers = 1,
        ValueLayers = 1,
    };

    public static DreamerV3Options Named(string name) => name switch
    {
        "size1m" => Size(512, 64, 4, 4, 64),
        "size12m" => Size(2048, 256, 16, 16, 256),
        "size25m" => Size(3072, 384, 24, 24, 384),
        "size50m" => Size(4096, 512, 32, 32, 512),
        "size100m" => Size(6144, 768, 48, 48, 768),
        "size200m" => Size(8192, 1024, 64, 64, 1024),
        _ => Size(12288, 1536, 96, 96, 1536),
    };

    private static DreamerV3Options Size(int deter, int hidden, int classes, int depth, int units) =>
        new() { Deter = deter, Hidden = hidden, Classes = classes, Depth = depth, Units = units };
}
