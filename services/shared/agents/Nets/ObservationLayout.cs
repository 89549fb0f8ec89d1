using Dreamer.Spaces;

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
}
