namespace Dreamer.Policies.Numerics;

/// <summary>
/// Rows of activations. A row takes an odd number of cache lines: rows a power of two apart would share one cache set, and eight of them
/// walked side by side would evict each other.
/// </summary>
internal sealed unsafe class RowBuffer
{
    private const int Line = 16;

    private readonly AlignedBuffer<float> _values;

    public RowBuffer(int rows, int width)
    {
        (Rows, Width) = (rows, width);
        Stride = (((width + Line - 1) / Line) | 1) * Line;
        _values = new((long)rows * Stride);
    }

    public int Rows { get; }

    public int Width { get; }

    /// <summary>Values from one row to the next.</summary>
    public int Stride { get; }

    public float* Pointer => _values.Pointer;

    public Span<float> Row(int row) => _values.Span.Slice(row * Stride, Width);

    /// <summary>y += x * W over these rows, starting at a column.</summary>
    public Target Accumulate(int column = 0) => new(Pointer + column, Stride, Pointer + column, Stride);
}
