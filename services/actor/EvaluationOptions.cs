namespace Dreamer.Actor;

/// <summary>What the evaluation loop needs to know beside its environments.</summary>
/// <param name="Seed">Seed of the policy's samples, the same for every policy.</param>
/// <param name="Every">Agent steps of training between two evaluated policies; 0 takes the newest.</param>
/// <param name="Episodes">Episodes per policy.</param>
public sealed record EvaluationOptions(ulong Seed, long Every, int Episodes)
{
    /// <summary>Far from the seeds that actors train with.</summary>
    public const ulong SeedOffset = 1_000_000_007;
}
