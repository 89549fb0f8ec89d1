using Dreamer.Spaces;
using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents.Nets;

/// <summary>How the observation tensors of a task meet the networks: vectors are joined in key order, images on their channels.</summary>
public sealed class ObservationLayout
{
    private const int SmallestMap = 3;
    private const int LargestMap = 16;

    /// <exception cref="NotSupportedException">A tensor is of a kind that the networks do not take; the message names it and the remedy.</exception>
    public ObservationLayout(EnvironmentSpec spec)
    {
        Images = [.. spec.Observations.Where(tensor => tensor.IsImage)];
        Vectors = [.. spec.Observations.Where(tensor => !tensor.IsImage)];
        foreach (var tensor in Vectors)
        {
            if (tensor.DType is not (DType.Float32 or DType.Int32) || (tensor.DType == DType.Int32 && tensor.Classes < 1))
            {
                throw new NotSupportedException($"observation {tensor} cannot be encoded: send images as uint8 [height, width, channels], "
                    + "vectors as float32, and categories as int32 with their number of classes");
            }
        }

        VectorWidth = Vectors.Sum(Width);
        Channels = Images.Sum(image => image.Shape[2]);
        if (Images.Length > 0)
        {
            Height = Images[0].Shape[0];
            MapSize = Height / 16;
            var wrong = Images.FirstOrDefault(image => image.Shape[0] != Height || image.Shape[1] != Height);
            if (wrong is not null || Height % 16 != 0 || MapSize is < SmallestMap or > LargestMap)
            {
                throw new NotSupportedException($"observation {wrong ?? Images[0]} cannot be encoded: images must be square, all of one size, "
                    + $"a multiple of 16 between {SmallestMap * 16} and {LargestMap * 16} (env.size)");
            }
        }
    }

    /// <summary>uint8 [H, W, C] tensors in key order.</summary>
    public TensorSpec[] Images { get; }

    /// <summary>Everything else in key order.</summary>
    public TensorSpec[] Vectors { get; }

    /// <summary>Width of all vectors joined, categories as one-hot.</summary>
    public int VectorWidth { get; }

    /// <summary>Channels of all images joined.</summary>
    public int Channels { get; }

    /// <summary>Height and width of the images.</summary>
    public int Height { get; }

    /// <summary>Height and width after four halvings.</summary>
    public int MapSize { get; }

    /// <summary>Width of one vector at the network's input or output.</summary>
    public static int Width(TensorSpec tensor) => tensor.Elements * Math.Max(1, tensor.Classes);

    /// <summary>Raw observation tensors joined: vectors [N, V] and images [N, H, W, C] in 0..255, null where there are none.</summary>
    /// <param name="read">The raw elements of one tensor in its own type, N times its shape.</param>
    /// <param name="count">N</param>
    /// <param name="dtype">Type of the result.</param>
    /// <param name="numbers">What is done to the floats of the vectors; nothing by default. Categories are one-hot.</param>
    internal (Tensor? Vectors, Tensor? Images) Join(
        Func<TensorSpec, ScalarType, Tensor> read, long count, ScalarType dtype, Func<Tensor, Tensor>? numbers = null)
    {
        Tensor Numbers(TensorSpec tensor) => numbers is null ? read(tensor, float32).to(dtype) : numbers(read(tensor, float32).to(dtype));
        Tensor Vector(TensorSpec tensor) => tensor.DType == DType.Float32
            ? Numbers(tensor).reshape(count, -1)
            : nn.functional.one_hot(read(tensor, int32).to(int64), tensor.Classes).to(dtype).reshape(count, -1);
        Tensor Image(TensorSpec tensor) =>
            read(tensor, uint8).to(dtype).reshape(count, tensor.Shape[0], tensor.Shape[1], tensor.Shape[2]);

        return (
            Vectors.Length == 0 ? null : cat([.. Vectors.Select(Vector)], 1),
            Images.Length == 0 ? null : cat([.. Images.Select(Image)], 3));
    }
}
