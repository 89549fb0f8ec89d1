using System.Runtime.Intrinsics;

namespace Dreamer.Policies.Numerics;

/// <summary>
/// A weight matrix in bfloat16, rearranged in the order in which <see cref="Tiles{TLanes}"/> reads it: panels of two registers of outputs,
/// each streamed once per batch. bfloat16 halves the bytes of a policy step, which is bound by memory at small batches.
/// </summary>
internal sealed unsafe class PackedMatrix
{
    private const int LargestTile = 8;

    private readonly AlignedBuffer<uint> _weights;
    private readonly AlignedBuffer<float> _tail;
    private readonly int _pairs;
    private readonly int _panelLength;

    /// <param name="outputs">Rows of the matrix.</param>
    /// <param name="inputs">Columns per segment.</param>
    /// <param name="segments">Runs of inputs, see <see cref="Walk"/>.</param>
    /// <param name="lanes">Floats per register: 8 or 16; 0 chooses.</param>
    public PackedMatrix(int outputs, int inputs, int segments = 1, int lanes = 0)
    {
        (Outputs, Inputs, Segments) = (outputs, inputs, segments);
        Lanes = lanes != 0 ? lanes : Vector512.IsHardwareAccelerated && outputs > Lanes256.Count ? Lanes512.Count : Lanes256.Count;
        _pairs = (inputs + 1) / 2;
        _panelLength = checked(segments * _pairs * Panel);
        // Registers of outputs, rounded up: an odd count ends in a panel of one.
        _weights = new((long)((outputs + Lanes - 1) / Lanes) * _panelLength / 2);
        _tail = new(LargestTile * Panel);
    }

    public int Outputs { get; }

    public int Inputs { get; }

    public int Segments { get; }

    public int Lanes { get; }

    /// <summary>Bytes that one pass over the matrix reads.</summary>
    public long Bytes => (long)_weights.Length * sizeof(uint);

    private int Panel => 2 * Lanes;

    /// <summary>Replaces all weights: element (output, segment, input) is taken from <paramref name="source"/> at the sum of index times stride.</summary>
    public void Pack(ReadOnlySpan<ushort> source, int outputStride, int inputStride, int segmentStride = 0) =>
        PackRows(0, Outputs, source, outputStride, inputStride, segmentStride);

    /// <summary>Replaces the weights of <paramref name="count"/> outputs; <paramref name="source"/> starts at the first of them.</summary>
    public void PackRows(int first, int count, ReadOnlySpan<ushort> source, int outputStride, int inputStride, int segmentStride = 0)
    {
        for (var row = 0; row < count; row++)
        {
            var output = first + row;
            var target = _weights.Pointer + (long)(output / Panel) * _panelLength + output % Panel;
            var width = Width(output - output % Panel);
            for (var segment = 0; segment < Segments; segment++)
            {
                var from = row * outputStride + segment * segmentStride;
                for (var pair = 0; pair < _pairs; pair++, target += width, from += 2 * inputStride)
                {
                    uint high = 2 * pair + 1 < Inputs ? source[from + inputStride] : (ushort)0;
                    *target = source[from] | high << 16;
                }
            }
        }
    }

    /// <summary>y += x * W^T for each row; y is [rows, Outputs] with <paramref name="yStride"/>, x is described by the strides.</summary>
    public void MultiplyAdd(float* x, nint xStride, int rows, float* y, nint yStride, nint segmentStride = 0)
    {
        var walk = new Walk(xStride, Inputs, Segments, segmentStride);
        var w = _weights.Pointer;
        for (var output = 0; output < Outputs; output += Panel, w += _panelLength)
        {
            var width = Width(output);
            var valid = Math.Min(width, Outputs - output);
            for (int row = 0, count; row < rows; row += count)
            {
                count = TileRows(rows - row);
                var from = x + row * xStride;
                var to = y + row * yStride + output;
                if (valid == width)
                {
                    Multiply(width, from, walk, count, w, to, yStride);
                }
                else
                {
                    _tail.Span.Clear();
                    Multiply(width, from, walk, count, w, _tail.Pointer, width);
                    AddTail(count, valid, width, to, yStride);
                }
            }
        }

        GC.KeepAlive(this);
    }

    private static int TileRows(int left) => left >= 8 && Vector512.IsHardwareAccelerated ? 8 : Math.Min(left, 4);

    /// <summary>Outputs in the panel that starts at <paramref name="output"/>.</summary>
    private int Width(int output) => Outputs - output > Lanes ? Panel : Lanes;

    private void Multiply(int width, float* x, Walk walk, int rows, uint* w, float* y, nint yStride)
    {
        if (Lanes == Lanes512.Count)
        {
            if (width == Panel)
            {
                Multiply<Pair<Lanes512>>(x, walk, rows, w, y, yStride);
            }
            else
            {
                Multiply<Lanes512>(x, walk, rows, w, y, yStride);
            }
        }
        else if (width == Panel)
        {
            Multiply<Pair<Lanes256>>(x, walk, rows, w, y, yStride);
        }
        else
        {
            Multiply<Lanes256>(x, walk, rows, w, y, yStride);
        }
    }

    private static void Multiply<TLanes>(float* x, Walk walk, int rows, uint* w, float* y, nint yStride) where TLanes : struct, ILanes<TLanes>
    {
        if (rows == 8)
        {
            Tiles<TLanes>.Eight(x, walk, w, y, yStride);
        }
        else if (rows == 1)
        {
            Tiles<TLanes>.One(x, walk, w, y);
        }
        else
        {
            Tiles<TLanes>.UpToFour(x, walk, rows, w, y, yStride);
        }
    }

    private void AddTail(int rows, int valid, int width, float* y, nint yStride)
    {
        for (var row = 0; row < rows; row++)
        {
            for (var output = 0; output < valid; output++)
            {
                y[row * yStride + output] += _tail.Pointer[row * width + output];
            }
        }
    }
}
