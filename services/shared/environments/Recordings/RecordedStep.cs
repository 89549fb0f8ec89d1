using System.Collections.Immutable;

namespace Dreamer.Environments.Recordings;

/// <summary>An action and what must hold after it.</summary>
/// <param name="Action">In the task's own units.</param>
/// <param name="Checks">What the recording says of the state arrived at.</param>
/// <param name="Restart">The episode had ended: a new one begins before the action.</param>
public sealed record RecordedStep(double[] Action, ImmutableArray<Check> Checks, bool Restart = false);
