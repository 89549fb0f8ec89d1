using Dreamer.Environments.Rendering;
using Dreamer.Spaces;

namespace Dreamer.Environments;

/// <summary>The tensors that an <see cref="ObservationKind"/> stands for, and where they are written.</summary>
/// <param name="kind">What to show.</param>
/// <param name="imageSize">Height and width of the picture in pixels.</param>
/// <param name="vectorSize">Numbers in the vector.</param>
public sealed class ObservationViews(ObservationKind kind, int imageSize, int vectorSize)
{
    private readonly int imageIndex = kind == ObservationKind.Vector ? -1 : 0;
    private readonly int vectorIndex = kind switch { ObservationKind.Vector => 0, ObservationKind.Both => 1, _ => -1 };

    /// <summary><c>image</c>, uint8 [size, size, 3], and <c>vector</c>, float32 [n], as asked for.</summary>
    public TensorSpec[] Tensors { get; } =
    [
        .. kind != ObservationKind.Vector ? [new TensorSpec("image", DType.UInt8, imageSize, imageSize, 3)] : Array.Empty<TensorSpec>(),
        .. kind != ObservationKind.Image ? [new TensorSpec("vector", DType.Float32, vectorSize)] : Array.Empty<TensorSpec>(),
    ];

    /// <summary>The vector to write, if it is shown.</summary>
    public bool Vector(TimeStep into, out Span<float> vector)
    {
        vector = vectorIndex >= 0 ? into.Floats(vectorIndex) : default;
        return vectorIndex >= 0;
    }

    /// <summary>The picture to draw, if it is shown.</summary>
    public bool Image(TimeStep into, out Canvas canvas)
    {
        canvas = imageIndex >= 0 ? new Canvas(into.Observations[imageIndex], imageSize, imageSize) : default;
        return imageIndex >= 0;
    }
}
