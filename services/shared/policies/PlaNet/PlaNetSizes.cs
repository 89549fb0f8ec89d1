using System.Text.Json.Serialization;
using Dreamer.Policies.Gaussian;

namespace Dreamer.Policies.PlaNet;

/// <summary>Sizes of the part of PlaNet that acts, how it plans, and how it explores (spec 2).</summary>
public sealed record PlaNetSizes
{
    /// <summary>D, width of the recurrent state.</summary>
    public required int Deter { get; init; }

    /// <summary>S, normal variables of the stochastic state.</summary>
    public required int Stoch { get; init; }

    /// <summary>Width of the layers inside the RSSM.</summary>
    public required int Hidden { get; init; }

    /// <summary>Channels of the first convolution.</summary>
    public required int Depth { get; init; }

    /// <summary>Width of the vector encoder and of the reward head.</summary>
    public required int Units { get; init; }

    /// <summary>Layers of the vector encoder.</summary>
    public required int VectorLayers { get; init; }

    /// <summary>Hidden layers of the reward head.</summary>
    public required int RewardLayers { get; init; }

    /// <summary>Bits kept of each pixel.</summary>
    public required int ImageBits { get; init; }

    /// <summary>Steps of a plan.</summary>
    public required int Horizon { get; init; }

    /// <summary>Refits per decision.</summary>
    public required int Iterations { get; init; }

    /// <summary>Plans tried per refit.</summary>
    public required int Candidates { get; init; }

    /// <summary>Best plans that the next refit is made from.</summary>
    public required int Top { get; init; }

    /// <summary>Standard deviation of the noise on actions when collecting. May change from version to version.</summary>
    public required float Exploration { get; init; }

    /// <summary>The published sizes (spec 2.1, 2.5).</summary>
    public static PlaNetSizes Published { get; } = new()
    {
        Deter = 200,
        Stoch = 30,
        Hidden = 200,
        Depth = 32,
        Units = 300,
        VectorLayers = 3,
        RewardLayers = 3,
        ImageBits = 5,
        Horizon = 12,
        Iterations = 10,
        Candidates = 1000,
        Top = 100,
        Exploration = 0.3f,
    };

    [JsonIgnore]
    internal GaussianNets Nets => new(Deter, Stoch, Hidden, Depth, Units, VectorLayers, Activation.Relu, KerasCell: false);

    /// <exception cref="PolicyFormatException">A size is out of range; the message names it.</exception>
    internal void Validate()
    {
        const int largest = 1 << 16;
        Nets.Validate();
        GaussianNets.Within(Units, largest, "units");
        GaussianNets.Within(RewardLayers, 16, "reward_layers");
        GaussianNets.Within(ImageBits, 8, "image_bits");
        GaussianNets.Within(Horizon, 1024, "horizon");
        GaussianNets.Within(Iterations, 1024, "iterations");
        GaussianNets.Within(Candidates, largest, "candidates");
        GaussianNets.Within(Top, Candidates, "top");
        if (Exploration is not (>= 0 and <= 1))
        {
            throw new PolicyFormatException($"exploration {Exploration} must lie in [0, 1].");
        }
    }
}
