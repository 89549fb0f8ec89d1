using System.Runtime.InteropServices;
using Dreamer.Environments.Fakes;
using Dreamer.Experience;

namespace Dreamer.Chaos;

/// <summary>
/// Holds stored experience of the environment <c>fake</c> against the ledgers that its lives have written: which records are
/// missing, there twice, altered or out of order. Chunks come in commit order; nothing may have been evicted.
/// </summary>
/// <param name="ledgers">What was handed out.</param>
/// <param name="schema">Tensors of a step.</param>
internal sealed class ExperienceAudit(LedgerBook ledgers, Schema schema)
{
    private readonly Dictionary<StreamId, StreamState> _streams = [];
    private readonly Dictionary<int, LifeState> _lives = [];

    /// <summary>Steps seen.</summary>
    public long Steps { get; private set; }

    /// <summary>Steps that no ledger knows.</summary>
    public long Foreign { get; private set; }

    /// <summary>Takes the next chunk.</summary>
    public void Add(ChunkRecord record, Chunk chunk)
    {
        if (!_streams.TryGetValue(chunk.Stream, out var stream))
        {
            _streams.Add(chunk.Stream, stream = new StreamState());
        }

        var inOrder = chunk.Stream == record.Stream && chunk.Sequence == record.Sequence && chunk.Steps == record.Steps && chunk.Sequence == stream.NextSequence;
        stream.NextSequence = chunk.Sequence + 1;
        for (var step = 0; step < chunk.Steps; step++)
        {
            Steps++;
            Take(chunk, step, stream, inOrder);
        }
    }

    /// <summary>Every life that handed anything out.</summary>
    public IReadOnlyList<LifeAudit> Lives() => [.. Enumerable.Range(0, ledgers.Lives).Select(Find).Select(life => life.Result())];

    private void Take(Chunk chunk, int step, StreamState stream, bool inOrder)
    {
        var tensor = schema.Tensors[0];
        var intact = FakeLedger.TryRead(Cell(chunk, 0, step).Span, tensor.DType, out var said);
        var (life, record) = intact ? ((int)said.Seed, said.Record) : (stream.Life, stream.NextRecord);
        if (life < 0 || life >= ledgers.Lives)
        {
            Foreign++;
            return;
        }

        var begins = stream.Life < 0;
        inOrder &= begins || (life == stream.Life && record == stream.NextRecord);
        (stream.Life, stream.NextRecord) = (life, record + 1);
        Find(life).Take(record, EntryOf(chunk, step), intact, inOrder, begins);
    }

    private LedgerEntry EntryOf(Chunk chunk, int step) => LedgerEntry.Of(
        Enumerable.Range(0, schema.Observations).Select(column => Cell(chunk, column, step)),
        MemoryMarshal.Read<float>(Cell(chunk, schema.RewardIndex, step).Span),
        chunk.Columns[schema.IsFirstIndex].Span[step] != 0,
        chunk.Columns[schema.IsLastIndex].Span[step] != 0,
        chunk.Columns[schema.IsLastIndex + 1].Span[step] != 0);

    private ReadOnlyMemory<byte> Cell(Chunk chunk, int column, int step)
    {
        var size = schema.Tensors[column].Bytes;
        return chunk.Columns[column].Slice(step * size, size);
    }

    private LifeState Find(int life)
    {
        if (!_lives.TryGetValue(life, out var state))
        {
            var (process, entries) = ledgers.Read(life);
            _lives.Add(life, state = new LifeState(life, process, entries));
        }

        return state;
    }

    private sealed class StreamState
    {
        public long NextSequence { get; set; }

        public int Life { get; set; } = -1;

        public uint NextRecord { get; set; }
    }

    private sealed class LifeState(int life, int process, LedgerEntry[] entries)
    {
        private readonly bool[] _stored = new bool[entries.Length];
        private long _duplicated;
        private long _altered;
        private long _disordered;

        public void Take(uint record, LedgerEntry entry, bool intact, bool inOrder, bool begins)
        {
            _disordered += inOrder ? 0 : 1;
            if (record >= entries.Length)
            {
                _altered++;
                return;
            }

            _altered += intact && entries[record].Matches(entry, begins, ends: false) ? 0 : 1;
            _duplicated += _stored[record] ? 1 : 0;
            _stored[record] = true;
        }

        public LifeAudit Result()
        {
            var tail = entries.Length - (Array.LastIndexOf(_stored, true) + 1);
            var stored = _stored.Count(there => there);
            return new LifeAudit(life, process, entries.Length, stored, entries.Length - stored - tail, tail, _duplicated, _altered, _disordered);
        }
    }
}
