using Dreamer.Agents.Nets;
using static TorchSharp.torch;

namespace Dreamer.Agents.DreamerV2;

/// <summary>
/// Predictors of the next stochastic state that differ only in their initial weights (Plan2Explore, spec 4.6). The action beside a state
/// is the one that led to it, as in the authors' code.
/// </summary>
public sealed class Ensemble
{
    private const int Layers = 4;
    private readonly PlainMlp[] models;

    public Ensemble(int features, int actions, int stoch, int units, int count, Activation activation) =>
        models = [.. Enumerable.Range(0, count).Select(i => new PlainMlp(Set, $"ensemble/{i}", features + actions, units, Layers, activation, stoch))];

    public ParameterSet Set { get; } = new();

    /// <summary>
    /// -ln N(next state; prediction, 1) without its constant, summed over the state and over the predictors: [T*B - B], 0 where an episode
    /// begins.
    /// </summary>
    public Tensor Loss(ReplayedSteps data, LatentStates states)
    {
        var (rows, count) = (data.Rows, (data.Steps - 1) * data.Rows);
        var input = cat([states.Feature.detach(), data.PreviousAction], 1).narrow(0, 0, count);
        var target = states.Stoch.detach().narrow(0, rows, count);
        return stack([.. models.Select(model => ScalarHead.Loss(model.Apply(input), target).sum(-1))]).sum([0]) * data.Keep.view(-1).narrow(0, rows, count);
    }

    /// <summary>Standard deviation over the predictors, averaged over the state; the gradient passes through, and into no predictor.</summary>
    /// <param name="features">[H+1, K, F]</param>
    /// <param name="actions">[H, K, A] that led to each state but the first.</param>
    /// <returns>[H+1, K]</returns>
    public Tensor Disagreement(Tensor features, Tensor actions)
    {
        using var frozen = Set.Freeze();
        var input = cat([features, cat([zeros_like(actions.narrow(0, 0, 1)), actions], 0)], -1);
        return stack([.. models.Select(model => model.Apply(input))]).std(0, unbiased: false).mean([-1]);
    }
}
