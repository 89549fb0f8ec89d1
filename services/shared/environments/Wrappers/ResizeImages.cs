using System.Collections.Immutable;
using Dreamer.Spaces;

namespace Dreamer.Environments.Wrappers;

/// <summary>Brings every image to one square size: each new pixel is the mean of the area that it covers.</summary>
/// <param name="inner">Shows images of any size.</param>
/// <param name="size">Height and width in pixels, at least 1.</param>
public sealed class ResizeImages(IEnvironment inner, int size)
    : ObservationWrapper(inner, tensor => tensor.IsImage ? tensor with { Shape = ImmutableArray.Create(size, size, tensor.Shape[2]) } : tensor)
{
    /// <summary>Whether an environment shows images of another size.</summary>
    public static bool Changes(EnvironmentSpec spec, int size) =>
        spec.Observations.Any(tensor => tensor.IsImage && (tensor.Shape[0] != size || tensor.Shape[1] != size));

    protected override void Show(TensorSpec tensor, ReadOnlySpan<byte> from, Span<byte> into)
    {
        var (height, width, channels) = (tensor.Shape[0], tensor.Shape[1], tensor.Shape[2]);
        for (var row = 0; row < size; row++)
        {
            var (top, bottom) = Covered(row, height);
            for (var column = 0; column < size; column++)
            {
                var (left, right) = Covered(column, width);
                for (var channel = 0; channel < channels; channel++)
                {
                    var sum = 0.0;
                    for (var y = (int)top; y < bottom; y++)
                    {
                        var high = Math.Min(bottom, y + 1) - Math.Max(top, y);
                        for (var x = (int)left; x < right; x++)
                        {
                            sum += from[(((y * width) + x) * channels) + channel] * high * (Math.Min(right, x + 1) - Math.Max(left, x));
                        }
                    }

                    into[(((row * size) + column) * channels) + channel] = (byte)((sum / ((bottom - top) * (right - left))) + 0.5);
                }
            }
        }
    }

    private (double From, double To) Covered(int index, int extent) => ((double)index * extent / size, (double)(index + 1) * extent / size);
}
