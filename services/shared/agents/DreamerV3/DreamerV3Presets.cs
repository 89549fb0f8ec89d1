using Dreamer.Spaces;

namespace Dreamer.Agents.DreamerV3;

/// <summary>Named changes to the options, by size and by task. Several can be applied one after the other; the later wins.</summary>
public static class DreamerV3Presets
{
    private static readonly OrderedDictionary<string, Func<DreamerV3Options, DreamerV3Options>> Presets = new()
    {
        ["size1m"] = Size(512, 64, 4, 4, 64),
        ["size12m"] = Size(2048, 256, 16, 16, 256),
        ["size25m"] = Size(3072, 384, 24, 24, 384),
        ["size50m"] = Size(4096, 512, 32, 32, 512),
        ["size100m"] = Size(6144, 768, 48, 48, 768),
        ["size200m"] = Size(8192, 1024, 64, 64, 1024),
        ["size400m"] = Size(12288, 1536, 96, 96, 1536),

        // For a look at the machinery in seconds: nothing is learnt with it.
        ["debug"] = options => options with
        {
            BatchSize = 8, BatchLength = 10, Deter = 8, Hidden = 3, Stoch = 2, Classes = 4, Blocks = 4, Depth = 2, Units = 8, Bins = 5,
            EncoderLayers = 1, DecoderLayers = 1, PriorLayers = 1, RewardLayers = 1, ContinueLayers = 1, PolicyLayers = 1, ValueLayers = 1,
        },
    };

    /// <summary>All names, sizes first.</summary>
    public static IReadOnlyList<string> Names => [.. Presets.Keys];

    /// <summary>The options changed by the preset of that name.</summary>
    /// <exception cref="ArgumentException">There is no such preset; the message lists those there are.</exception>
    public static DreamerV3Options Apply(string name, DreamerV3Options options) => Presets.TryGetValue(name, out var change)
        ? change(options)
        : throw new ArgumentException($"there is no preset '{name}'; did you mean '{Suggest.Nearest(name, Presets.Keys)}'? There are {string.Join(", ", Presets.Keys)}");

    private static Func<DreamerV3Options, DreamerV3Options> Size(int deter, int hidden, int classes, int depth, int units) =>
        options => options with { Deter = deter, Hidden = hidden, Classes = classes, Depth = depth, Units = units };
}
