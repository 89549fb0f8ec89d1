using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;
using Dreamer.Policies.Numerics;
using Dreamer.Spaces;

namespace Dreamer.Policies;

/// <summary>
/// How observations enter the encoder: images are concatenated on channels, everything else is concatenated to one vector, both in key
/// order. Categorical integers become one-hot.
/// </summary>
internal sealed class ObservationLayout
{
    private const int LargestVector = 1 << 20;
    private const int LargestImageSide = 1024;
    private const int LargestChannels = 256;

    public ObservationLayout(EnvironmentSpec environment)
    {
        var images = ImmutableArray.CreateBuilder<int>();
        var vectors = ImmutableArray.CreateBuilder<int>();
        for (var index = 0; index < environment.Observations.Length; index++)
        {
            var tensor = environment.Observations[index];
            (tensor.IsImage ? images : vectors).Add(index);
            if (tensor.IsImage)
            {
                AddImage(tensor, first: images.Count == 1);
            }
            else
            {
                VectorSize = checked(VectorSize + Width(tensor));
            }
        }

        (Environment, Images, Vectors) = (environment, images.ToImmutable(), vectors.ToImmutable());
        if (VectorSize > LargestVector || environment.Observations.IsEmpty)
        {
            throw new PolicyFormatException(
                $"the environment shows {VectorSize} vector values and {Images.Length} images; a policy observes 1 to {LargestVector} values, images, or both.");
        }
    }

    public EnvironmentSpec Environment { get; }

    /// <summary>Indices into the observations of what enters the vector encoder.</summary>
    public ImmutableArray<int> Vectors { get; }

    /// <summary>Indices into the observations of the images.</summary>
    public ImmutableArray<int> Images { get; }

    /// <summary>Width of the vector encoder's input; 0 without vectors.</summary>
    public int VectorSize { get; }

    /// <summary>Rows of every image.</summary>
    public int Height { get; private set; }

    /// <summary>Columns of every image.</summary>
    public int ImageWidth { get; private set; }

    /// <summary>Channels of all images together.</summary>
    public int Channels { get; private set; }

    /// <summary>Writes the vector encoder's input.</summary>
    /// <param name="symlog">Whether numbers are written by their symlog, or as they are; categories are one-hot either way.</param>
    /// <exception cref="ArgumentException">A category is out of range.</exception>
    public void WriteVectors(TimeStep step, Span<float> into, bool symlog)
    {
        foreach (var index in Vectors)
        {
            var tensor = Environment.Observations[index];
            ReadOnlySpan<byte> bytes = step.Observations[index];
            into = tensor.DType switch
            {
                DType.Float32 => Numbers(MemoryMarshal.Cast<byte, float>(bytes), into, symlog),
                DType.Int32 => OneHot(tensor, MemoryMarshal.Cast<byte, int>(bytes), into),
                _ => Numbers(bytes, into, symlog),
            };
        }
    }

    private static Span<float> Numbers<T>(ReadOnlySpan<T> values, Span<float> into, bool symlog)
        where T : unmanaged, INumber<T>
    {
        for (var i = 0; i < values.Length; i++)
        {
            var value = float.CreateTruncating(values[i]);
            into[i] = symlog ? Elementwise.Symlog(value) : value;
        }

        return into[values.Length..];
    }

    private static Span<float> OneHot(TensorSpec tensor, ReadOnlySpan<int> values, Span<float> into)
    {
        foreach (var value in values)
        {
            if ((uint)value >= (uint)tensor.Classes)
            {
                throw new ArgumentException($"observation {tensor.Key} shows {value}; its spec {tensor} allows 0..{tensor.Classes - 1}.");
            }

            into[..tensor.Classes].Clear();
            into[value] = 1;
            into = into[tensor.Classes..];
        }

        return into;
    }

    private void AddImage(TensorSpec image, bool first)
    {
        var (height, width, channels) = (image.Shape[0], image.Shape[1], image.Shape[2]);
        if (height % 16 != 0 || width % 16 != 0 || height > LargestImageSide || width > LargestImageSide || channels > LargestChannels
            || (!first && (height, width) != (Height, ImageWidth)))
        {
            throw new PolicyFormatException(
                $"image {image} does not fit: height and width must be multiples of 16 up to {LargestImageSide}, equal for every image key, with at most {LargestChannels} channels.");
        }

        (Height, ImageWidth, Channels) = (height, width, Channels + channels);
    }

    private static int Width(TensorSpec tensor)
    {
        // In 64 bits and capped: the shape comes from outside.
        var elements = tensor.Shape.Aggregate(1L, (product, extent) => Math.Min(product * extent, LargestVector + 1));
        var each = tensor.DType switch
        {
            DType.Float32 or DType.UInt8 => 1,
            DType.Int32 when tensor.Classes > 0 => tensor.Classes,
            _ => throw new PolicyFormatException($"observation {tensor} cannot be encoded: use float32, uint8, or int32 with its number of classes."),
        };
        return (int)Math.Min(elements * each, LargestVector + 1);
    }
}
