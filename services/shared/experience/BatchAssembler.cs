namespace Dreamer.Experience;

/// <summary>Decodes the windows of a plan straight into a batch. Not thread safe; allocates nothing per batch.</summary>
/// <param name="schema">Tensors of a step.</param>
/// <param name="batchSize">Windows per plan, B.</param>
/// <param name="length">Steps per window, context included.</param>
/// <param name="verify">Verifies the checksum of every column read; costs about one more pass over the chunks.</param>
public sealed class BatchAssembler(Schema schema, int batchSize, int length, bool verify = false)
{
    private readonly Dictionary<long, int> _position = [];
    private byte[] _scratch = [];
    private Batch? _own;

    /// <summary>Fills a batch that belongs to the assembler: it is valid until the next call.</summary>
    public Batch Assemble(BatchPlan plan, ReadOnlySpan<ReadOnlyMemory<byte>?> payloads)
    {
        _own ??= new Batch(schema, batchSize, length);
        Assemble(plan, payloads, _own);
        return _own;
    }

    /// <summary>Fills <paramref name="into"/>.</summary>
    /// <param name="plan">From <see cref="IReplay.SampleAsync"/>.</param>
    /// <param name="payloads">One per entry of <c>plan.Chunks</c>; the steps of its windows are enough, unless checksums are verified.</param>
    /// <param name="into">Made for the same schema and sizes.</param>
    /// <exception cref="MissingChunkException">A chunk is gone: ask for another plan.</exception>
    /// <exception cref="InvalidChunkException">A chunk is damaged.</exception>
    public void Assemble(BatchPlan plan, ReadOnlySpan<ReadOnlyMemory<byte>?> payloads, Batch into)
    {
        if (plan.Windows.Length != batchSize || into.BatchSize != batchSize || into.Length != length || !into.Schema.Equals(schema))
        {
            throw new ArgumentException($"plan of {plan.Windows.Length} windows, batch [{into.BatchSize}, {into.Length}]: expected [{batchSize}, {length}] of the same schema");
        }

        _position.Clear();
        for (var index = 0; index < payloads.Length; index++)
        {
            var encoded = (payloads[index] ?? throw new MissingChunkException(plan.Chunks[index])).Span;
            ChunkCodec.CheckHeader(encoded, schema);
            Verify(encoded, plan.Chunks[index]);
            _position.Add(plan.Chunks[index], index);
        }

        for (var row = 0; row < batchSize; row++)
        {
            FillRow(plan.Windows[row], row, payloads, into);
        }
    }

    private void FillRow(Window window, int row, ReadOnlySpan<ReadOnlyMemory<byte>?> payloads, Batch into)
    {
        var written = 0;
        var offset = window.Offset;
        foreach (var id in window.Chunks)
        {
            var encoded = payloads[_position[id]]!.Value.Span;
            var steps = Math.Min(ChunkCodec.Steps(encoded) - offset, length - written);
            var first = (row * length) + written;
            for (var column = 0; column < into.Columns.Length; column++)
            {
                var size = schema.Tensors[column].Bytes;
                ChunkCodec.ReadColumn(encoded, schema, column, offset, into.Columns[column].AsSpan(first * size, steps * size), ref _scratch);
            }

            for (var state = 0; written == 0 && state < into.State.Length; state++)
            {
                var column = schema.StateIndex + state;
                var size = schema.Tensors[column].Bytes;
                ChunkCodec.ReadColumn(encoded, schema, column, offset, into.State[state].AsSpan(row * size, size), ref _scratch);
            }

            for (var step = 0; step < steps; step++)
            {
                into.Steps[first + step] = new StepRef(id, offset + step);
            }

            written += steps;
            offset = 0;
        }

        if (written != length)
        {
            throw new InvalidChunkException($"the chunks of a window hold {written} of its {length} steps");
        }

        // A window starts a sequence whatever was stored; one that ends an abandoned stream ends it.
        into.Columns[schema.IsFirstIndex][row * length] = 1;
        if (window.Abandoned)
        {
            into.Columns[schema.IsLastIndex][(row * length) + length - 1] = 1;
        }
    }

    private void Verify(ReadOnlySpan<byte> encoded, long id)
    {
        for (var column = 0; verify && column < schema.Tensors.Length; column++)
        {
            if (!ChunkCodec.ColumnIsIntact(encoded, schema, column, ref _scratch))
            {
                throw new InvalidChunkException($"chunk {id} is damaged in '{schema.Tensors[column].Key}'");
            }
        }
    }
}
