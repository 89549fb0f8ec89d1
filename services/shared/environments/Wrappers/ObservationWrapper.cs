using Dreamer.Spaces;

namespace Dreamer.Environments.Wrappers;

/// <summary>Shows some of an environment's observations in another form, tensor by tensor, and all else as it is.</summary>
public abstract class ObservationWrapper : IEnvironment
{
    private readonly IEnvironment inner;
    private readonly TimeStep step;

    /// <param name="inner">Disposed with the wrapper.</param>
    /// <param name="form">The new form of a tensor; the same one to leave it alone.</param>
    protected ObservationWrapper(IEnvironment inner, Func<TensorSpec, TensorSpec> form)
    {
        this.inner = inner;
        step = new TimeStep(inner.Spec);
        Spec = new EnvironmentSpec([.. inner.Spec.Observations.Select(form)], inner.Spec.Action);
    }

    public EnvironmentSpec Spec { get; }

    public void Reset(TimeStep into)
    {
        inner.Reset(step);
        Show(into);
    }

    public void Step(ReadOnlySpan<float> action, TimeStep into)
    {
        inner.Step(action, step);
        Show(into);
    }

    public void Dispose()
    {
        inner.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Writes one tensor in its new form.</summary>
    /// <param name="tensor">The old form.</param>
    /// <param name="from">What the inner environment shows.</param>
    /// <param name="into">Written whole.</param>
    protected abstract void Show(TensorSpec tensor, ReadOnlySpan<byte> from, Span<byte> into);

    private void Show(TimeStep into)
    {
        into.Set(step.Reward, step.IsFirst, step.IsLast, step.IsTerminal);
        for (var index = 0; index < step.Observations.Length; index++)
        {
            var tensor = inner.Spec.Observations[index];
            if (tensor.Equals(Spec.Observations[index]))
            {
                step.Observations[index].CopyTo(into.Observations[index], 0);
            }
            else
            {
                Show(tensor, step.Observations[index], into.Observations[index]);
            }
        }
    }
}
