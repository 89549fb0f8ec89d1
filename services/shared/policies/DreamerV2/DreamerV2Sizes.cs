using Dreamer.Policies.Gaussian;

namespace Dreamer.Policies.DreamerV2;

/// <summary>Sizes of the part of DreamerV2 that acts, and who collects (spec 4).</summary>
public sealed record DreamerV2Sizes
{
    private const int LargestExtent = 1 << 16;

    /// <summary>D, width of the recurrent state.</summary>
    public required int Deter { get; init; }

    /// <summary>S, variables of the stochastic state.</summary>
    public required int Stoch { get; init; }

    /// <summary>C, classes of each variable, at most 256; 0 for normal ones.</summary>
    public required int Classes { get; init; }

    /// <summary>Width of the layers inside the recurrent model.</summary>
    public required int Hidden { get; init; }

    /// <summary>Channels of the first convolution.</summary>
    public required int Depth { get; init; }

    /// <summary>Width of the vector encoder.</summary>
    public required int VectorUnits { get; init; }

    /// <summary>Layers of the vector encoder.</summary>
    public required int VectorLayers { get; init; }

    /// <summary>Width of the actor's hidden layers.</summary>
    public required int Units { get; init; }

    /// <summary>Hidden layers of the actor.</summary>
    public required int ActorLayers { get; init; }

    /// <summary>A layer norm in every hidden layer.</summary>
    public required bool LayerNorm { get; init; }

    /// <summary>Whether there is a second actor, Plan2Explore's.</summary>
    public required bool HasExplorer { get; init; }

    /// <summary>Whether that one collects. May change from version to version.</summary>
    public required bool Explores { get; init; }

    /// <summary>Width of a stochastic state.</summary>
    internal int StochWidth => Stoch * Math.Max(Classes, 1);

    /// <summary>Numbers that describe the distribution of one.</summary>
    internal int StochParameters => Classes == 0 ? 2 * Stoch : StochWidth;

    /// <summary>Checks each size alone, before anything is computed from it.</summary>
    /// <exception cref="PolicyFormatException">A size is out of range; the message names it.</exception>
    internal void Validate()
    {
        GaussianNets.Within(Deter, LargestExtent, "deter");
        GaussianNets.Within(Stoch, LargestExtent / 256, "stoch");
        GaussianNets.Within(Classes + 1, 257, "classes + 1");
        GaussianNets.Within(Hidden, LargestExtent, "hidden");
        GaussianNets.Within(Depth, LargestExtent / 8, "depth");
        GaussianNets.Within(VectorUnits, LargestExtent, "vector_units");
        GaussianNets.Within(VectorLayers, 16, "vector_layers");
        GaussianNets.Within(Units, LargestExtent, "units");
        GaussianNets.Within(ActorLayers, 16, "actor_layers");
        if (Explores && !HasExplorer)
        {
            throw new PolicyFormatException("the policy explores by an actor that it does not have.");
        }
    }
}
