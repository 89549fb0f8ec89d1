using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Dreamer.Spaces;

namespace Dreamer.Policies;

/// <summary>
/// How one generation of the family writes down what its actors need: a name, sizes, and the tensors that follow from them.
/// The agent that writes and the policy that reads share it, so neither can differ from the other.
/// </summary>
/// <typeparam name="TSizes">A record of everything that is not a tensor; compared by value.</typeparam>
/// <param name="agent">Value of <see cref="PolicyManifest.Agent"/>.</param>
/// <param name="json">Serialises the sizes.</param>
/// <param name="tensors">The tensors in blob order; throws <see cref="PolicyFormatException"/> for sizes that cannot be.</param>
public sealed class PolicyFormat<TSizes>(
    string agent, JsonTypeInfo<TSizes> json, Func<EnvironmentSpec, TSizes, IReadOnlyList<PolicyTensor>> tensors)
    where TSizes : class
{
    /// <summary>Value of <see cref="PolicyManifest.Agent"/>.</summary>
    public string Agent => agent;

    /// <summary>An empty blob to put the tensors into.</summary>
    /// <exception cref="PolicyFormatException">A size or an observation is out of range.</exception>
    public PolicyBlobBuilder Builder(EnvironmentSpec environment, TSizes sizes) =>
        new(agent, environment, Element(sizes), tensors(environment, sizes));

    /// <summary>The sizes as they stand in a manifest.</summary>
    public JsonElement Element(TSizes sizes) => JsonSerializer.SerializeToElement(sizes, json);

    /// <summary>Verifies a blob: afterwards hash, sizes, tensor list and length agree with each other.</summary>
    /// <exception cref="PolicyFormatException">Anything does not agree; nothing large was allocated.</exception>
    internal PolicyWeights<TSizes> Open(PolicyBlob blob)
    {
        blob.Verify();
        var manifest = PolicyManifest.Parse(blob.Manifest.Span);
        if (manifest.Agent != agent)
        {
            throw new PolicyFormatException($"the weights are for agent '{manifest.Agent}', this policy is {agent}.");
        }

        var (environment, sizes) = (manifest.ParseEnvironment(), Sizes(manifest.Sizes));
        var expected = Expected(environment, sizes);
        for (var i = 0; i < Math.Max(expected.Count, manifest.Tensors.Length); i++)
        {
            var want = i < expected.Count ? expected[i] : null;
            var have = i < manifest.Tensors.Length ? manifest.Tensors[i] : null;
            if (want is null || have is null || want.Name != have.Name || want.Offset != have.Offset || !want.Shape.AsSpan().SequenceEqual(have.Shape))
            {
                throw new PolicyFormatException(
                    $"tensor {i} of the policy is {have?.ToString() ?? "missing"}, its sizes ask for {want?.ToString() ?? "none"}: run learner and actors from the same release.");
            }
        }

        var elements = expected[^1].Offset + expected[^1].Elements;
        return elements == blob.Weights.Length / sizeof(ushort) && blob.Weights.Length % sizeof(ushort) == 0
            ? new PolicyWeights<TSizes>(environment, sizes, blob, expected)
            : throw new PolicyFormatException($"the policy has {blob.Weights.Length} bytes of weights, its tensors need {elements * sizeof(ushort)}.");
    }

    /// <summary>The sizes of a manifest.</summary>
    /// <exception cref="PolicyFormatException">They are not readable.</exception>
    internal TSizes Sizes(JsonElement element)
    {
        try
        {
            return element.Deserialize(json) ?? throw new PolicyFormatException("the policy manifest has no sizes.");
        }
        catch (JsonException malformed)
        {
            throw new PolicyFormatException($"the sizes in the policy manifest are not readable: {malformed.Message}");
        }
    }

    private IReadOnlyList<PolicyTensor> Expected(EnvironmentSpec environment, TSizes sizes)
    {
        try
        {
            return tensors(environment, sizes);
        }
        catch (OverflowException)
        {
            throw new PolicyFormatException("the policy's sizes multiply to more elements than can exist.");
        }
    }
}
