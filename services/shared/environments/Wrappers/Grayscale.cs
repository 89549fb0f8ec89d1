using System.Collections.Immutable;
using Dreamer.Spaces;

namespace Dreamer.Environments.Wrappers;

/// <summary>Shows RGB images by their brightness alone, [height, width, 1], with the weights of ITU-R BT.601.</summary>
/// <param name="inner">Images of other than three channels stay as they are.</param>
public sealed class Grayscale(IEnvironment inner) : ObservationWrapper(inner, tensor => tensor.IsImage && tensor.Shape[2] == 3
    ? tensor with { Shape = ImmutableArray.Create(tensor.Shape[0], tensor.Shape[1], 1) }
    : tensor)
{
    protected override void Show(TensorSpec tensor, ReadOnlySpan<byte> from, Span<byte> into)
    {
        // Weights in 1/65536 that add up to 1, so that white stays 255.
        for (var pixel = 0; pixel < into.Length; pixel++)
        {
            into[pixel] = (byte)(((19595 * from[3 * pixel]) + (38470 * from[(3 * pixel) + 1]) + (7471 * from[(3 * pixel) + 2]) + 32768) >> 16);
        }
    }
}
