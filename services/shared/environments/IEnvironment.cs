using Dreamer.Spaces;

namespace Dreamer.Environments;

/// <summary>A task: one episode after another, one step at a time. Not thread safe; own one per thread.</summary>
public interface IEnvironment : IDisposable
{
    /// <summary>Observation tensors and action space; constant for the life of the environment.</summary>
    EnvironmentSpec Spec { get; }

    /// <summary>Starts an episode and writes its first record (<c>IsFirst</c>, reward 0).</summary>
    void Reset(TimeStep into);

    /// <summary>Applies one action and writes the record arrived at. After a record with <c>IsLast</c> call <see cref="Reset"/>.</summary>
    /// <param name="action">[A] one-hot when discrete, in [-1, 1] when continuous.</param>
    /// <param name="into">Written in place; must have been made for <see cref="Spec"/>.</param>
    void Step(ReadOnlySpan<float> action, TimeStep into);
}
