using System.Text.Json.Serialization;

namespace Dreamer.Policies;

/// <summary>One tensor of a policy blob.</summary>
/// <param name="Name">Module path in the agent, e.g. <c>dyn/gru/weight</c>.</param>
/// <param name="Shape">Extent per axis, row major.</param>
/// <param name="Offset">First element in the blob.</param>
public sealed record PolicyTensor(string Name, int[] Shape, long Offset)
{
    /// <summary>Number of elements: the product of the shape.</summary>
    [JsonIgnore]
    public long Elements => Shape.Aggregate(1L, (product, extent) => checked(product * extent));

    public override string ToString() => $"{Name}[{string.Join(", ", Shape ?? [])}]";
}
