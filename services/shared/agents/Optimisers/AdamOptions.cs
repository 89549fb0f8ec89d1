namespace Dreamer.Agents.Optimisers;

/// <summary>Settings of <see cref="Adam"/>.</summary>
public sealed record AdamOptions
{
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Gradients longer than this, over all parameters of the optimiser, are shortened to it; 0 leaves them.</summary>
    public double Clip { get; init; }

    /// <summary>Added to the root of the mean square, outside its correction (spec 10: epsilon hat).</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Decay of the momentum.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the mean square.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Share of every weight that each update takes away, whatever the learning rate (spec 4.4).</summary>
    public double WeightDecay { get; init; }
}
