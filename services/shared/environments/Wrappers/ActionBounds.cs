using Dreamer.Spaces;

namespace Dreamer.Environments.Wrappers;

/// <summary>
/// Lets an environment that takes continuous actions in its own units be driven in [-1, 1]: clips, then rescales each
/// element to its bounds.
/// </summary>
public sealed class ActionBounds : IEnvironment
{
    private readonly IEnvironment inner;
    private readonly double[] low;
    private readonly double[] high;
    private readonly float[] scaled;

    /// <param name="inner">Takes actions within the bounds.</param>
    /// <param name="low">[A] finite lower bounds.</param>
    /// <param name="high">[A] finite upper bounds, each above its lower one.</param>
    /// <exception cref="ArgumentException">The bounds do not fit the action space.</exception>
    public ActionBounds(IEnvironment inner, ReadOnlySpan<double> low, ReadOnlySpan<double> high)
    {
        (this.inner, this.low, this.high) = (inner, low.ToArray(), high.ToArray());
        scaled = new float[inner.Spec.Action.Size];
        if (inner.Spec.Action.Kind != ActionKind.Continuous || low.Length != scaled.Length || high.Length != scaled.Length
            || this.low.Zip(this.high).Any(bound => !double.IsFinite(bound.Second - bound.First) || bound.Second <= bound.First))
        {
            throw new ArgumentException($"{inner.Spec.Action} needs one pair of finite bounds, low below high, per continuous element");
        }
    }

    public EnvironmentSpec Spec => inner.Spec;

    public void Reset(TimeStep into) => inner.Reset(into);

    public void Step(ReadOnlySpan<float> action, TimeStep into)
    {
        ActionRules.Check("The environment", inner.Spec.Action, action);
        for (var index = 0; index < scaled.Length; index++)
        {
            scaled[index] = (float)ActionRules.Rescale(action[index], low[index], high[index]);
        }

        inner.Step(scaled, into);
    }

    public void Dispose() => inner.Dispose();
}
