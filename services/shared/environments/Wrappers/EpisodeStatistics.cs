using Dreamer.Spaces;

namespace Dreamer.Environments.Wrappers;

/// <summary>Counts return and length. At a record with <c>IsLast</c> they are those of the finished episode.</summary>
public sealed class EpisodeStatistics(IEnvironment inner) : IEnvironment
{
    public EnvironmentSpec Spec => inner.Spec;

    /// <summary>Sum of the rewards of the current episode.</summary>
    public double Return { get; private set; }

    /// <summary>Actions applied in the current episode (policy steps).</summary>
    public int Length { get; private set; }

    /// <summary>Episodes that reached their last record.</summary>
    public long Episodes { get; private set; }

    public void Reset(TimeStep into)
    {
        inner.Reset(into);
        (Return, Length) = (0, 0);
    }

    public void Step(ReadOnlySpan<float> action, TimeStep into)
    {
        inner.Step(action, into);
        Return += into.Reward;
        Length++;
        Episodes += into.IsLast ? 1 : 0;
    }

    public void Dispose() => inner.Dispose();
}
