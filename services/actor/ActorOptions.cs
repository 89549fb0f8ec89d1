namespace Dreamer.Actor;

/// <summary>What the loop needs to know beside its environments.</summary>
/// <param name="Seed">Seed of the policy's samples.</param>
/// <param name="ChunkSteps">Steps per chunk.</param>
/// <param name="ActionRepeat">Environment steps per agent step, for counting.</param>
public sealed record ActorOptions(ulong Seed, int ChunkSteps, int ActionRepeat)
{
    /// <summary>A step of the environments that takes longer never ends; zero waits for ever.</summary>
    public TimeSpan StepTimeout { get; init; }

    /// <summary>Longest wait at the end for what was sent to be durable.</summary>
    public TimeSpan FlushTimeout { get; init; } = TimeSpan.FromSeconds(15);
}
