using Dreamer.Policies.DreamerV1;
using Dreamer.Policies.DreamerV2;
using Dreamer.Policies.DreamerV3;
using Dreamer.Policies.PlaNet;
using Dreamer.Policies.WorldModels;

namespace Dreamer.Policies;

/// <summary>Makes the policy that a blob is for.</summary>
public static class PolicyFactory
{
    private delegate IPolicy Maker(PolicyBlob blob, int slots, ulong seed, PolicyPurpose purpose);

    // One line per kind of agent.
    private static readonly Dictionary<string, Maker> Makers = new()
    {
        [RandomPolicy.Kind] = (blob, slots, seed, _) => RandomPolicy.Open(blob, slots, seed),
        [RandomNetworkPolicy.Kind] = (blob, slots, seed, _) => RandomNetworkPolicy.Open(blob, slots, seed),
        [WorldModelsFormat.Agent] = (blob, slots, seed, purpose) => new WorldModelsPolicy(WorldModelsFormat.Policy.Open(blob), slots, seed, purpose),
        [PlaNetFormat.Agent] = (blob, slots, seed, purpose) => new PlaNetPolicy(PlaNetFormat.Policy.Open(blob), slots, seed, purpose),
        [DreamerV1Format.Agent] = (blob, slots, seed, purpose) => new DreamerV1Policy(DreamerV1Format.Policy.Open(blob), slots, seed, purpose),
        [DreamerV2Format.Agent] = (blob, slots, seed, purpose) => new DreamerV2Policy(DreamerV2Format.Policy.Open(blob), slots, seed, purpose),
        [DreamerV3Format.Agent] = (blob, slots, seed, _) => new DreamerV3Policy(DreamerV3Format.Policy.Open(blob), slots, seed),
    };

    /// <summary>Verifies the blob and loads it.</summary>
    /// <param name="blob">Weights; not kept.</param>
    /// <param name="slots">Environments served side by side.</param>
    /// <param name="seed">Seed of the sampled states and actions; each slot has its own sequence.</param>
    /// <param name="purpose">Whether to explore.</param>
    /// <exception cref="PolicyFormatException">The blob is damaged, of another release, or for an unknown agent.</exception>
    public static IPolicy Create(PolicyBlob blob, int slots, ulong seed, PolicyPurpose purpose = PolicyPurpose.Collect)
    {
        var agent = PolicyManifest.Parse(blob.Manifest.Span).Agent;
        return Makers.TryGetValue(agent, out var make)
            ? make(blob, slots, seed, purpose)
            : throw new PolicyFormatException($"the weights are for agent '{agent}'; this build can act as {string.Join(", ", Makers.Keys)}.");
    }

    /// <summary>
    /// Loads newer weights, or, where they are of another kind than the policy in use (random actions until training
    /// begins), makes the policy that they are for; that one begins with blank states.
    /// </summary>
    /// <param name="current">Stays as it is when this throws.</param>
    /// <param name="newer">Weights; not kept.</param>
    /// <param name="seed">Of a policy that has to be made.</param>
    /// <param name="purpose">Of a policy that has to be made.</param>
    /// <exception cref="PolicyFormatException">The blob does not fit.</exception>
    public static IPolicy Renew(IPolicy current, PolicyBlob newer, ulong seed, PolicyPurpose purpose = PolicyPurpose.Collect)
    {
        if (PolicyManifest.Parse(newer.Manifest.Span).Agent == current.Agent)
        {
            current.Load(newer);
            return current;
        }

        var next = Create(newer, current.Slots, seed, purpose);
        return next.RecordedState.SequenceEqual(current.RecordedState)
            ? next
            : throw new PolicyFormatException(
                $"policy version {newer.Version} is for agent '{next.Agent}', which records other states than {current.Agent}: restart the actor to change agents.");
    }
}
