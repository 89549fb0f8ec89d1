using System.Text.Json.Serialization;
using Dreamer.Policies.Gaussian;
using Dreamer.Spaces;

namespace Dreamer.Policies.WorldModels;

/// <summary>Sizes of the part of World Models that acts: V's encoder, M's recurrent layer, and a population of controllers (spec 1.2 to 1.4).</summary>
public sealed record WorldModelsSizes
{
    // Up to here the choices are stretches of one output's range, as in Doom: left, none, right.
    private const int MostStretches = 3;

    /// <summary>Z, latent variables of a frame.</summary>
    public required int Latent { get; init; }

    /// <summary>U, recurrent units.</summary>
    public required int Units { get; init; }

    /// <summary>Channels of the first convolution.</summary>
    public required int Depth { get; init; }

    /// <summary>Whether M is told, beside latent and action, which frames begin an episode; it then predicts ends as well.</summary>
    public required bool PredictEnd { get; init; }

    /// <summary>Whether the controller sees the cell state beside the hidden state.</summary>
    public required bool CellState { get; init; }

    /// <summary>Whether the controller has a bias.</summary>
    public required bool Bias { get; init; }

    /// <summary>Last elements of a continuous action whose negative half stands for none at all, as the brake's does.</summary>
    public required int OneSided { get; init; }

    /// <summary>N, candidates that are tried out; 0 where nothing but the mean acts.</summary>
    public required int Candidates { get; init; }

    /// <summary>Which generation the candidates are. Changes from version to version.</summary>
    public required long Generation { get; init; }

    /// <summary>The mean plays in place of all candidates, to be evaluated. Changes from version to version.</summary>
    public bool Evaluation { get; init; }

    /// <summary>Width of what the controller sees: latent, cell state if asked for, hidden state.</summary>
    [JsonIgnore]
    public int ControllerInputs => checked(Latent + (CellState ? 2 : 1) * Units);

    /// <summary>Outputs of the controller: one per dimension or choice, or one in all where its range is cut into up to three choices.</summary>
    public static int Outputs(ActionSpec action) => IsCut(action) ? 1 : action.Size;

    /// <summary>Whether the choices are stretches of one output's range.</summary>
    public static bool IsCut(ActionSpec action) => action.Kind == ActionKind.Discrete && action.Size is > 1 and <= MostStretches;

    /// <summary>Number that M is given for a choice: the ends of its range are the first and the last.</summary>
    public static float Level(ActionSpec action, int choice) => 2f * choice / (action.Size - 1) - 1;

    /// <summary>P, parameters of one controller: biases, then the weights [inputs, outputs].</summary>
    public int ControllerParameters(ActionSpec action) => checked((ControllerInputs + (Bias ? 1 : 0)) * Outputs(action));

    /// <summary>Width of M's input: latent, action, and the mark of a first frame.</summary>
    public int MemoryInputs(ActionSpec action) => Latent + Outputs(action) + (PredictEnd ? 1 : 0);

    /// <exception cref="PolicyFormatException">A size is out of range; the message names it.</exception>
    internal void Validate()
    {
        const int largest = 1 << 16;
        GaussianNets.Within(Latent, largest, "latent");
        GaussianNets.Within(Units, largest, "units");
        GaussianNets.Within(Depth, largest / 8, "depth");
        GaussianNets.Within(Candidates + 1, largest, "candidates");
        if (OneSided < 0 || Generation < 0)
        {
            throw new PolicyFormatException($"one_sided {OneSided} and generation {Generation} must not be negative.");
        }
    }
}
