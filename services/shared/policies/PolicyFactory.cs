using Dreamer.Policies.DreamerV3;

namespace Dreamer.Policies;

/// <summary>Makes the policy that a blob is for.</summary>
public static class PolicyFactory
{
    /// <summary>Verifies the blob and loads it.</summary>
    /// <param name="blob">Weights; not kept.</param>
    /// <param name="slots">Environments served side by side.</param>
    /// <param name="seed">Seed of the sampled states and actions; each slot has its own sequence.</param>
    /// <exception cref="PolicyFormatException">The blob is damaged, of another release, or for an unknown agent.</exception>
    public static IPolicy Create(PolicyBlob blob, int slots, ulong seed) => PolicyManifest.Parse(blob.Manifest.Span).Agent switch
    {
        DreamerV3Format.Agent => new DreamerV3Policy(new DreamerV3Weights(blob), slots, seed),
        var unknown => throw new PolicyFormatException($"the weights are for agent '{unknown}'; this build can act as {DreamerV3Format.Agent}."),
    };
}
