namespace Dreamer.Policies.DreamerV3;

/// <summary>Sizes of the part of DreamerV3 that acts (spec 5.2, 5.3, 5.5).</summary>
public sealed record DreamerV3Sizes
{
    private const int LargestExtent = 1 << 16;

    /// <summary>D, width of the recurrent state; a multiple of <see cref="Blocks"/>.</summary>
    public required int Deter { get; init; }

    /// <summary>H, width of the layers inside the RSSM.</summary>
    public required int Hidden { get; init; }

    /// <summary>S, categorical variables of the stochastic state.</summary>
    public int Stoch { get; init; } = 32;

    /// <summary>C, classes of each variable, at most 256.</summary>
    public required int Classes { get; init; }

    /// <summary>G, blocks of the recurrent core.</summary>
    public int Blocks { get; init; } = 8;

    /// <summary>U, width of the encoder's and the policy's hidden layers.</summary>
    public required int Units { get; init; }

    /// <summary>Channels of the image encoder before the stage multipliers 2, 3, 4, 4.</summary>
    public required int Depth { get; init; }

    /// <summary>Hidden layers of the vector encoder.</summary>
    public int EncoderLayers { get; init; } = 3;

    /// <summary>Hidden layers of the policy.</summary>
    public int PolicyLayers { get; init; } = 3;

    /// <summary>Share of the uniform distribution mixed into every categorical.</summary>
    public float Unimix { get; init; } = 0.01f;

    /// <summary>Smallest standard deviation of a continuous action.</summary>
    public float MinStd { get; init; } = 0.1f;

    /// <summary>Largest standard deviation of a continuous action.</summary>
    public float MaxStd { get; init; } = 1;

    /// <summary>The preset size1m (spec 5.7).</summary>
    public static DreamerV3Sizes Size1M { get; } = new() { Deter = 512, Hidden = 64, Classes = 4, Depth = 4, Units = 64 };

    /// <summary>The preset size12m (spec 5.7).</summary>
    public static DreamerV3Sizes Size12M { get; } = new() { Deter = 2048, Hidden = 256, Classes = 16, Depth = 16, Units = 256 };

    /// <summary>Checks each size alone, before anything is computed from it.</summary>
    /// <exception cref="PolicyFormatException">A size is out of range; the message names it.</exception>
    internal void Validate()
    {
        Within(Deter, LargestExtent, "deter");
        Within(Hidden, LargestExtent, "hidden");
        Within(Stoch, LargestExtent, "stoch");
        Within(Classes, 256, "classes");
        Within(Blocks, Deter, "blocks");
        Within(Units, LargestExtent, "units");
        Within(Depth, LargestExtent / 4, "depth");
        Within(EncoderLayers, 16, "encoder_layers");
        Within(PolicyLayers, 16, "policy_layers");
        if (Deter % Blocks != 0)
        {
            throw new PolicyFormatException($"deter {Deter} is not a multiple of blocks {Blocks}.");
        }

        if (Unimix is not (>= 0 and <= 1) || !(MinStd >= 0 && MinStd <= MaxStd && float.IsFinite(MaxStd)))
        {
            throw new PolicyFormatException($"unimix {Unimix} must lie in [0, 1] and 0 <= min_std {MinStd} <= max_std {MaxStd}.");
        }
    }

    private static void Within(int value, int largest, string name)
    {
        if (value < 1 || value > largest)
        {
            throw new PolicyFormatException($"{name} is {value} in the policy's sizes; it must lie in 1..{largest}.");
        }
    }
}
