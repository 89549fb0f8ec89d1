using System.Collections;

namespace TorchSharp.Utils;

/// <summary>The elements of a tensor on the CPU, in row-major order whatever its strides.</summary>
public sealed unsafe class TensorAccessor<T> : IEnumerable<T>, IDisposable where T : unmanaged
{
    private readonly torch.Tensor _tensor;
    private readonly long[] _shape;
    private readonly long[] _strides;
    private readonly bool _dense;
    private readonly T* _data;

    internal TensorAccessor(torch.Tensor tensor)
    {
        _tensor = tensor;
        _shape = tensor.shape;
        _strides = tensor.stride();
        _dense = tensor.is_contiguous();
        _data = (T*)tensor.DataPointer();
    }

    public long Count => _tensor.NumberOfElements;

    public bool IsReadOnly => false;

    /// <summary>By one index per axis, or by one index into the whole.</summary>
    public T this[params long[] indices]
    {
        get => _data[Offset(indices)];
        set => _data[Offset(indices)] = value;
    }

    public T[] ToArray()
    {
        var result = new T[Count];
        CopyTo(result);
        return result;
    }

    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    public void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        int count = (int)Math.Min(Count - tensorIndex, array.Length - arrayIndex);
        if (_dense)
            new ReadOnlySpan<T>(_data + tensorIndex, count).CopyTo(array[arrayIndex..]);
        else
            for (int i = 0; i < count; i++)
                array[arrayIndex + i] = _data[Flat(tensorIndex + i)];
        GC.KeepAlive(_tensor);
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyFrom((ReadOnlySpan<T>)array, arrayIndex, tensorIndex);

    public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        int count = (int)Math.Min(Count - tensorIndex, array.Length - arrayIndex);
        if (_dense)
            array.Slice(arrayIndex, count).CopyTo(new Span<T>(_data + tensorIndex, count));
        else
            for (int i = 0; i < count; i++)
                _data[Flat(tensorIndex + i)] = array[arrayIndex + i];
        GC.KeepAlive(_tensor);
    }

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)ToArray()).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose()
    {
    }

    private long Offset(long[] indices)
    {
        if (indices.Length == 1)
            return indices[0] >= 0 && indices[0] < Count ? Flat(indices[0]) : throw new IndexOutOfRangeException($"Index {indices[0]} is outside [0, {Count}).");
        if (indices.Length != _shape.Length)
            throw new ArgumentException($"{indices.Length} indices for {_shape.Length} axes.");
        long offset = 0;
        for (int d = 0; d < indices.Length; d++)
        {
            if (indices[d] < 0 || indices[d] >= _shape[d])
                throw new IndexOutOfRangeException($"Index {indices[d]} is outside [0, {_shape[d]}) on axis {d}.");
            offset += indices[d] * _strides[d];
        }
        return offset;
    }

    private long Flat(long index)
    {
        if (_dense)
            return index;
        long offset = 0;
        for (int d = _shape.Length - 1; d >= 0; d--)
        {
            offset += index % _shape[d] * _strides[d];
            index /= _shape[d];
        }
        return offset;
    }
}
