using System.Runtime.InteropServices;
using Dreamer.Spaces;

namespace Dreamer.Policies;

/// <summary>The tensors of a verified blob by name, so layers may be built from it.</summary>
internal abstract class PolicyWeights(PolicyBlob blob, IReadOnlyList<PolicyTensor> tensors)
{
    private readonly Dictionary<string, PolicyTensor> _tensors = tensors.ToDictionary(tensor => tensor.Name);

    public long Version => blob.Version;

    /// <summary>bfloat16 elements of one tensor.</summary>
    public ReadOnlySpan<ushort> this[string name]
    {
        get
        {
            var tensor = _tensors[name];
            return MemoryMarshal.Cast<byte, ushort>(blob.Weights.Span).Slice((int)tensor.Offset, (int)tensor.Elements);
        }
    }
}

/// <summary>A verified blob of one generation; see <see cref="PolicyFormat{TSizes}.Open"/>.</summary>
internal sealed class PolicyWeights<TSizes>(EnvironmentSpec environment, TSizes sizes, PolicyBlob blob, IReadOnlyList<PolicyTensor> tensors)
    : PolicyWeights(blob, tensors)
{
    public EnvironmentSpec Environment => environment;

    public TSizes Sizes => sizes;
}
