using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dreamer.Policies.Numerics;

/// <summary>
/// A weight matrix whose input is a row of one-hot vectors: the product is a sum of columns, so columns lie contiguous and only
/// S of the S * C are read.
/// </summary>
internal sealed unsafe class PackedColumns
{
    private readonly AlignedBuffer<uint> _columns;
    private readonly AlignedBuffer<float> _tail = new(2 * Lanes512.Count);
    private readonly int _outputs;
    private readonly int _groups;
    private readonly int _classes;
    private readonly int _lanes;
    private readonly int _words;

    /// <param name="outputs">Rows of the matrix.</param>
    /// <param name="groups">One-hot vectors in the input (S).</param>
    /// <param name="classes">Length of each (C).</param>
    /// <param name="lanes">Floats per register: 8 or 16; 0 chooses.</param>
    public PackedColumns(int outputs, int groups, int classes, int lanes = 0)
    {
        (_outputs, _groups, _classes) = (outputs, groups, classes);
        _lanes = lanes != 0 ? lanes : Vector512.IsHardwareAccelerated ? Lanes512.Count : Lanes256.Count;
        _words = (outputs + 2 * _lanes - 1) / (2 * _lanes) * _lanes;
        _columns = new((long)groups * classes * _words);
    }

    /// <summary>Bytes that one row reads.</summary>
    public long BytesPerRow => (long)_groups * _words * sizeof(uint);

    /// <summary>Replaces the weights: element (output, column) is <c>source[output * outputStride + column]</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Pack(ReadOnlySpan<ushort> source, int outputStride)
    {
        var halves = new Span<ushort>(_columns.Pointer, _columns.Length * 2);
        for (var output = 0; output < _outputs; output++)
        {
            var inPanel = output % (2 * _lanes);
            // Word i of a panel: output i in the lower half, output i + lanes in the upper half.
            var word = output / (2 * _lanes) * _lanes + inPanel % _lanes;
            var half = 2 * word + inPanel / _lanes;
            for (var column = 0; column < _groups * _classes; column++)
            {
                halves[column * 2 * _words + half] = source[output * outputStride + column];
            }
        }
    }

    /// <summary>y += sum over groups of the column of its class.</summary>
    /// <param name="classes">[S] class of each group.</param>
    /// <param name="y">[outputs].</param>
    public void Add(ReadOnlySpan<byte> classes, float* y)
    {
        if (_lanes == Lanes512.Count)
        {
            Add<Lanes512>(classes, y);
        }
        else
        {
            Add<Lanes256>(classes, y);
        }

        GC.KeepAlive(this);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Add<TLanes>(ReadOnlySpan<byte> classes, float* y) where TLanes : struct, ILanes<TLanes>
    {
        for (int word = 0, output = 0; word < _words; word += TLanes.Count, output += 2 * TLanes.Count)
        {
            TLanes low = default, high = default;
            var group = _columns.Pointer + word;
            for (var index = 0; index < classes.Length; index++, group += _classes * _words)
            {
                var column = group + classes[index] * _words;
                low += TLanes.LoadLow(column);
                high += TLanes.LoadHigh(column);
            }

            var whole = output + 2 * TLanes.Count <= _outputs;
            var target = whole ? y + output : _tail.Pointer;
            if (!whole)
            {
                _tail.Span.Clear();
            }

            (TLanes.Load(target) + low).Store(target);
            (TLanes.Load(target + TLanes.Count) + high).Store(target + TLanes.Count);
            for (var rest = output; !whole && rest < _outputs; rest++)
            {
                y[rest] += target[rest - output];
            }
        }
    }
}
