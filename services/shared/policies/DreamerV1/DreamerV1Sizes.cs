using System.Text.Json.Serialization;
using Dreamer.Policies.Gaussian;

namespace Dreamer.Policies.DreamerV1;

/// <summary>Sizes of the part of Dreamer (2019) that acts, and how it explores (spec 3).</summary>
public sealed record DreamerV1Sizes
{
    /// <summary>D, width of the recurrent state.</summary>
    public required int Deter { get; init; }

    /// <summary>S, normal variables of the stochastic state.</summary>
    public required int Stoch { get; init; }

    /// <summary>Width of the layers inside the RSSM.</summary>
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

    /// <summary>Noise on continuous actions, or share of random discrete ones, when collecting. May change from version to version.</summary>
    public required float Exploration { get; init; }

    /// <summary>The published sizes (spec 3.1, 3.2).</summary>
    public static DreamerV1Sizes Published { get; } = new()
    {
        Deter = 200,
        Stoch = 30,
        Hidden = 200,
        Depth = 32,
        VectorUnits = 300,
        VectorLayers = 3,
        Units = 400,
        ActorLayers = 4,
        Exploration = 0.3f,
    };

    [JsonIgnore]
    internal GaussianNets Nets => new(Deter, Stoch, Hidden, Depth, VectorUnits, VectorLayers, Activation.Elu, KerasCell: true);

    /// <exception cref="PolicyFormatException">A size is out of range; the message names it.</exception>
    internal void Validate()
    {
        Nets.Validate();
        GaussianNets.Within(Units, 1 << 16, "units");
        GaussianNets.Within(ActorLayers, 16, "actor_layers");
        if (Exploration is not (>= 0 and <= 1))
        {
            throw new PolicyFormatException($"exploration {Exploration} must lie in [0, 1].");
        }
    }
}
