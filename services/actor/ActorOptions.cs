namespace Dreamer.Actor;

/// <summary>What the loop needs to know beside its environments.</summary>
/// <param name="Seed">Seed of the policy's samples.</param>
/// <param name="ChunkSteps">Steps per chunk.</param>
public sealed record ActorOptions(ulong Seed, int ChunkSteps);
