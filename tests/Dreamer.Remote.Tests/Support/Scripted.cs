using Dreamer.Environments;
using Dreamer.Spaces;

namespace Dreamer.Remote.Tests.Support;

/// <summary>An environment that does as the test says, and tells when it is disposed.</summary>
/// <param name="step">Called with the number of each step; may throw or wait.</param>
internal sealed class Scripted(Action<int> step) : IEnvironment
{
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _steps;

    public EnvironmentSpec Spec { get; } = new(new ActionSpec(ActionKind.Discrete, 3), new TensorSpec("vector", DType.Float32, 2));

    /// <summary>Ends when the server lets go of the environment.</summary>
    public Task Disposed => _disposed.Task;

    public void Reset(TimeStep into) => into.Set(0, isFirst: true, isLast: false, isTerminal: false);

    public void Step(ReadOnlySpan<float> action, TimeStep into)
    {
        step(++_steps);
        into.Set(1, isFirst: false, isLast: false, isTerminal: false);
    }

    public void Dispose() => _disposed.TrySetResult();
}
