using Dreamer.Spaces;

namespace Dreamer.Environments.Wrappers;

/// <summary>Cuts an episode after a number of steps: the record is last but not terminal, since the task would have gone on.</summary>
public sealed class TimeLimit(IEnvironment inner, int steps) : IEnvironment
{
    private readonly int steps = steps > 0 ? steps : throw new ArgumentOutOfRangeException(nameof(steps), steps, "a time limit is at least one step");
    private int left;

    public EnvironmentSpec Spec => inner.Spec;

    public void Reset(TimeStep into)
    {
        inner.Reset(into);
        left = steps;
    }

    /// <exception cref="InvalidOperationException">No episode is running.</exception>
    public void Step(ReadOnlySpan<float> action, TimeStep into)
    {
        if (left == 0)
        {
            throw new InvalidOperationException("No episode is running: call Reset first.");
        }

        inner.Step(action, into);
        left = into.IsLast ? 0 : left - 1;
        into.IsLast |= left == 0;
    }

    public void Dispose() => inner.Dispose();
}
