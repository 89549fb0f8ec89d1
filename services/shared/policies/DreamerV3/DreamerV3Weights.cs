using System.Runtime.InteropServices;
using Dreamer.Spaces;

namespace Dreamer.Policies.DreamerV3;

/// <summary>A verified blob: hash, sizes, tensor list and length agree with each other, so layers may be built from it.</summary>
internal sealed class DreamerV3Weights
{
    private readonly ReadOnlyMemory<byte> _weights;
    private readonly Dictionary<string, PolicyTensor> _tensors;

    /// <exception cref="PolicyFormatException">Anything does not agree; nothing large was allocated.</exception>
    public DreamerV3Weights(PolicyBlob blob)
    {
        blob.Verify();
        var manifest = PolicyManifest.Parse(blob.Manifest.Span);
        if (manifest.Agent != DreamerV3Format.Agent)
        {
            throw new PolicyFormatException($"the weights are for agent '{manifest.Agent}', this policy is {DreamerV3Format.Agent}.");
        }

        (Environment, Sizes, Version, _weights) = (manifest.ParseEnvironment(), manifest.Sizes, blob.Version, blob.Weights);
        var expected = Expected(Environment, Sizes);
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
        if (elements != blob.Weights.Length / sizeof(ushort) || blob.Weights.Length % sizeof(ushort) != 0)
        {
            throw new PolicyFormatException($"the policy has {blob.Weights.Length} bytes of weights, its tensors need {elements * sizeof(ushort)}.");
        }

        _tensors = expected.ToDictionary(tensor => tensor.Name);
    }

    public EnvironmentSpec Environment { get; }

    public DreamerV3Sizes Sizes { get; }

    public long Version { get; }

    /// <summary>bfloat16 elements of one tensor.</summary>
    public ReadOnlySpan<ushort> this[string name]
    {
        get
        {
            var tensor = _tensors[name];
            return MemoryMarshal.Cast<byte, ushort>(_weights.Span).Slice((int)tensor.Offset, (int)tensor.Elements);
        }
    }

    private static IReadOnlyList<PolicyTensor> Expected(EnvironmentSpec environment, DreamerV3Sizes sizes)
    {
        try
        {
            return DreamerV3Format.Tensors(environment, sizes);
        }
        catch (OverflowException)
        {
            throw new PolicyFormatException("the policy's sizes multiply to more elements than can exist.");
        }
    }
}
