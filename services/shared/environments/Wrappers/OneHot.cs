using System.Runtime.InteropServices;
using Dreamer.Spaces;

namespace Dreamer.Environments.Wrappers;

/// <summary>Shows categories, int32 [n] with C classes, as one-hot vectors, float32 [n * C]: for agents that know no categories.</summary>
/// <param name="inner">Tensors without classes stay as they are.</param>
public sealed class OneHot(IEnvironment inner) : ObservationWrapper(inner, tensor => tensor is { DType: DType.Int32, Classes: > 0 }
    ? new TensorSpec(tensor.Key, DType.Float32, tensor.Elements * tensor.Classes)
    : tensor)
{
    /// <exception cref="InvalidOperationException">The environment shows a category that it does not have.</exception>
    protected override void Show(TensorSpec tensor, ReadOnlySpan<byte> from, Span<byte> into)
    {
        var categories = MemoryMarshal.Cast<byte, int>(from);
        var vector = MemoryMarshal.Cast<byte, float>(into);
        vector.Clear();
        for (var place = 0; place < categories.Length; place++)
        {
            var category = categories[place];
            if (category < 0 || category >= tensor.Classes)
            {
                throw new InvalidOperationException($"{tensor.Key} shows category {category}, but has {tensor.Classes}.");
            }

            vector[(place * tensor.Classes) + category] = 1;
        }
    }
}
