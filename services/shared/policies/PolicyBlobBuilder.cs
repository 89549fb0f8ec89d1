using System.Runtime.InteropServices;
using System.Text.Json;
using Dreamer.Policies.Numerics;
using Dreamer.Spaces;

namespace Dreamer.Policies;

/// <summary>Collects the float32 tensors of an agent, in the order of its <see cref="PolicyFormat{TSizes}"/>, into one bfloat16 blob.</summary>
public sealed class PolicyBlobBuilder
{
    private readonly PolicyManifest _manifest;
    private readonly byte[] _weights;
    private int _next;

    internal PolicyBlobBuilder(string agent, EnvironmentSpec environment, JsonElement sizes, IReadOnlyList<PolicyTensor> tensors)
    {
        _manifest = new PolicyManifest
        {
            Agent = agent,
            Format = PolicyManifest.CurrentFormat,
            Observations = [.. environment.Observations.Select(tensor => tensor.ToString())],
            Action = environment.Action.ToString(),
            Sizes = sizes,
            Tensors = [.. tensors],
        };
        _weights = tensors.Count == 0 ? [] : new byte[checked((tensors[^1].Offset + tensors[^1].Elements) * sizeof(ushort))];
    }

    /// <summary>Every tensor that the blob takes, in the order in which it takes them.</summary>
    public IReadOnlyList<PolicyTensor> Tensors => _manifest.Tensors;

    /// <summary>Rounds the next tensor to bfloat16, to nearest, ties to even.</summary>
    /// <param name="name">Must be the next name of the list.</param>
    /// <param name="shape">Must be its shape.</param>
    /// <param name="values">Row major.</param>
    /// <exception cref="ArgumentException">Another tensor is due; the message names it.</exception>
    public void Add(string name, ReadOnlySpan<int> shape, ReadOnlySpan<float> values)
    {
        var due = _next < _manifest.Tensors.Length ? _manifest.Tensors[_next] : null;
        if (due is null || due.Name != name || !shape.SequenceEqual(due.Shape) || values.Length != due.Elements)
        {
            var given = new PolicyTensor(name, shape.ToArray(), 0);
            throw new ArgumentException($"{given} with {values.Length} values was given, {due?.ToString() ?? "nothing"} is due.", nameof(name));
        }

        var target = MemoryMarshal.Cast<byte, ushort>(_weights.AsSpan()).Slice((int)due.Offset, values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            target[i] = BFloat16Bits.FromSingle(values[i]);
        }

        _next++;
    }

    /// <summary>The blob; call once, after the last tensor.</summary>
    /// <exception cref="InvalidOperationException">A tensor is missing.</exception>
    public PolicyBlob Build(long version) => _next == _manifest.Tensors.Length
        ? PolicyBlob.Create(version, _manifest.ToJson(), _weights)
        : throw new InvalidOperationException($"{_manifest.Tensors[_next]} is missing.");
}
