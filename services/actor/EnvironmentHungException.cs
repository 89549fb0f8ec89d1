using Dreamer.Spaces;

namespace Dreamer.Actor;

/// <summary>An environment does not come back from a step. A thread cannot be ended, a process can: whoever started this one starts it again.</summary>
public sealed class EnvironmentHungException(TimeSpan limit) : Exception(
    $"An environment has not come back from a step for {limit.TotalSeconds:0.#} s, so this actor ends to be started again; raise actor.step_timeout_seconds if steps take longer."),
    IPlainError;
