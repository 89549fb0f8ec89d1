using System.Collections;

namespace Dreamer.Experience;

/// <summary>
/// The learner's fresher recurrent states, laid over the ones that actors recorded. A cache in memory, keyed by chunk id
/// and step: ids are never used twice, so a write can never hit another step. Chunks leave in the order they came.
/// Not thread safe.
/// </summary>
public sealed class CarryCache
{
    private readonly Dictionary<long, Block> _blocks = [];
    private readonly Queue<long> _order = [];
    private readonly int[] _sizes;
    private readonly int _chunkSteps;
    private readonly int _stepBytes;
    private readonly int _capacity;

    /// <param name="capacityBytes">Most memory to use; less than one chunk switches the cache off.</param>
    /// <param name="schema">Tensors of a step.</param>
    /// <param name="chunkSteps">Most steps per chunk.</param>
    public CarryCache(long capacityBytes, Schema schema, int chunkSteps)
    {
        _sizes = [.. schema.Tensors.Skip(schema.StateIndex).Select(tensor => tensor.Bytes)];
        _stepBytes = _sizes.Sum();
        _chunkSteps = chunkSteps;
        _capacity = _stepBytes == 0 ? 0 : (int)Math.Min(int.MaxValue, capacityBytes / ((long)_stepBytes * chunkSteps));
    }

    /// <summary>Chunks in the cache.</summary>
    public int Chunks => _blocks.Count;

    /// <summary>Rows that <see cref="Overlay"/> replaced so far.</summary>
    public long Hits { get; private set; }

    /// <summary>Rows that <see cref="Overlay"/> left as recorded so far.</summary>
    public long Misses { get; private set; }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _blocks.Clear();
        _order.Clear();
    }

    /// <summary>Remembers the states that an update computed.</summary>
    /// <param name="batch">What it trained on.</param>
    /// <param name="state">[B, T, *shape] per state tensor, for the last T steps of each window.</param>
    public void Put(Batch batch, IReadOnlyList<byte[]> state)
    {
        if (_capacity == 0)
        {
            return;
        }

        var steps = state[0].Length / (batch.BatchSize * _sizes[0]);
        for (var row = 0; row < batch.BatchSize; row++)
        {
            for (var step = 0; step < steps; step++)
            {
                var where = batch.Steps[(row * batch.Length) + batch.Length - steps + step];
                var block = Open(where.Chunk);
                var at = where.Step * _stepBytes;
                for (var tensor = 0; tensor < _sizes.Length; tensor++)
                {
                    var size = _sizes[tensor];
                    state[tensor].AsSpan(((row * steps) + step) * size, size).CopyTo(block.Bytes.AsSpan(at));
                    at += size;
                }

                block.Known[where.Step] = true;
            }
        }
    }

    /// <summary>Replaces the recorded states in <c>batch.State</c> by fresher ones where there are.</summary>
    public void Overlay(Batch batch)
    {
        for (var row = 0; row < batch.BatchSize; row++)
        {
            var where = batch.Steps[row * batch.Length];
            if (!_blocks.TryGetValue(where.Chunk, out var block) || !block.Known[where.Step])
            {
                Misses++;
                continue;
            }

            Hits++;
            var at = where.Step * _stepBytes;
            for (var tensor = 0; tensor < _sizes.Length; tensor++)
            {
                var size = _sizes[tensor];
                block.Bytes.AsSpan(at, size).CopyTo(batch.State[tensor].AsSpan(row * size));
                at += size;
            }
        }
    }

    private Block Open(long chunk)
    {
        if (_blocks.TryGetValue(chunk, out var block))
        {
            return block;
        }

        if (_blocks.Count == _capacity)
        {
            _blocks.Remove(_order.Dequeue(), out block);
            block!.Known.SetAll(false);
        }
        else
        {
            block = new Block(GC.AllocateUninitializedArray<byte>(_stepBytes * _chunkSteps), new BitArray(_chunkSteps));
        }

        _blocks.Add(chunk, block);
        _order.Enqueue(chunk);
        return block;
    }

    private sealed record Block(byte[] Bytes, BitArray Known);
}
