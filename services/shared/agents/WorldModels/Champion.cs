using Dreamer.Agents.Checkpoints;

namespace Dreamer.Agents.WorldModels;

/// <summary>The best mean of the search so far (spec 1.5): by evaluations over as many episodes as a generation plays, since the newest mean may have been lucky.</summary>
internal sealed class Champion
{
    private const int Decimals = 4;

    /// <summary>[P] its parameters; null before the first evaluation.</summary>
    public double[]? Parameters { get; private set; }

    /// <summary>Its mean return.</summary>
    public double Score { get; private set; } = double.NegativeInfinity;

    /// <summary>Parameters as they are evaluated and kept: to four decimals.</summary>
    public static double[] Quantised(double[] mean) => [.. mean.Select(value => Math.Round(value, Decimals))];

    /// <summary>Takes the place of a worse one.</summary>
    public void Challenge(double[] parameters, double score)
    {
        if (score > Score)
        {
            (Parameters, Score) = (parameters, score);
        }
    }

    public void Save(CheckpointWriter checkpoint)
    {
        if (Parameters is not null)
        {
            checkpoint.Value("champion", Parameters);
            checkpoint.Value("champion/score", Score);
        }
    }

    public void Load(CheckpointReader checkpoint) => (Parameters, Score) = checkpoint.Has("champion")
        ? (checkpoint.Value<double[]>("champion"), checkpoint.Value<double>("champion/score"))
        : (null, double.NegativeInfinity);
}
