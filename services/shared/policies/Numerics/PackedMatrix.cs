using System.Runtime.CompilerServices;
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
        // The last element read: the pointers below are not checked again.
        _ = source[(count - 1) * outputStride + (Segments - 1) * segmentStride + Math.Max(Inputs - 1, 0) * inputStride];
        fixed (ushort* from = source)
        {
            for (int row = 0, lanes; row < count; row += lanes)
            {
                var (panel, lane) = Math.DivRem(first + row, Panel);
                lanes = Math.Min(Panel - lane, count - row);
                var to = _weights.Pointer + (long)panel * _panelLength + lane;
                for (var segment = 0; segment < Segments; segment++, to += _pairs * Width(panel * Panel))
                {
                    PackPanel(from + row * outputStride + segment * segmentStride, outputStride, inputStride, to, Width(panel * Panel), lanes);
                }
            }
        }
    }

    /// <summary>Writes along the panel, so that each line of it is touched once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PackPanel(ushort* from, int outputStride, int inputStride, uint* to, int width, int lanes)
    {
        for (var input = 0; input + 1 < Inputs; input += 2, from += 2 * inputStride, to += width)
        {
            for (var lane = 0; lane < lanes; lane++)
            {
                var even = from + lane * outputStride;
                to[lane] = even[0] | (uint)even[inputStride] << 16;
            }
        }

        for (var lane = 0; lane < lanes && Inputs % 2 != 0; lane++)
        {
            to[lane] = from[lane * outputStride];
        }
    }

    /// <summary>y = addend + x * W^T for each row; y is [rows, Outputs], x is described by the strides.</summary>
    public void Multiply(float* x, nint xStride, int rows, Target target, nint segmentStride = 0)
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
                var to = target.Move(row, output);
                if (valid == width)
                {
                    MultiplyTile(width, from, walk, count, w, to);
                }
                else
                {
                    _tail.Span.Clear();
                    MultiplyTile(width, from, walk, count, w, new Target(_tail.Pointer, width, _tail.Pointer, width));
                    AddTail(count, valid, width, to);
                }
            }
        }

        GC.KeepAlive(this);
    }

    private static int TileRows(int left) => left switch
    {
        >= 8 when Vector512.IsHardwareAccelerated => 8,
        >= 4 => 4,
        >= 2 => 2,
        _ => 1,
    };

    /// <summary>Outputs in the panel that starts at <paramref name="output"/>.</summary>
    private int Width(int output) => Outputs - output > Lanes ? Panel : Lanes;

    private void MultiplyTile(int width, float* x, Walk walk, int rows, uint* w, Target target)
    {
        if (Lanes == Lanes512.Count)
        {
            if (width == Panel)
            {
                MultiplyTile<Pair<Lanes512>>(x, walk, rows, w, target);
            }
            else
            {
                MultiplyTile<Lanes512>(x, walk, rows, w, target);
            }
        }
        else if (width == Panel)
        {
            MultiplyTile<Pair<Lanes256>>(x, walk, rows, w, target);
        }
        else
        {
            MultiplyTile<Lanes256>(x, walk, rows, w, target);
        }
    }

    private static void MultiplyTile<TLanes>(float* x, Walk walk, int rows, uint* w, Target target) where TLanes : struct, ILanes<TLanes>
    {
        switch (rows)
        {
            case 8:
                Tiles<TLanes>.Eight(x, walk, w, target);
                break;
            case 4:
                Tiles<TLanes>.Four(x, walk, w, target);
                break;
            case 2:
                Tiles<TLanes>.Two(x, walk, w, target);
                break;
            default:
                Tiles<TLanes>.One(x, walk, w, target);
                break;
        }
    }

    private void AddTail(int rows, int valid, int width, Target target)
    {
        for (var row = 0; row < rows; row++)
        {
            var to = target.Move(row, 0);
            for (var output = 0; output < valid; output++)
            {
                to.Y[output] = to.Addend[output] + _tail.Pointer[row * width + output];
            }
        }
    }
}
