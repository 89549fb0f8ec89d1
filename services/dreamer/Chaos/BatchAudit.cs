using System.Runtime.InteropServices;
using Dreamer.Environments.Fakes;
using Dreamer.Experience;

namespace Dreamer.Chaos;

/// <summary>Holds what a learner was given against the ledgers: every window must be a stretch of one life, as it was handed out.</summary>
internal sealed class BatchAudit(LedgerBook ledgers)
{
    /// <summary>What is wrong with the batch; null when nothing is.</summary>
    public string? Fault(Batch batch)
    {
        for (var row = 0; row < batch.BatchSize; row++)
        {
            if (Fault(batch, row) is { } fault)
            {
                return $"window {row} from chunk {batch.Steps[row * batch.Length]}: {fault}";
            }
        }

        return null;
    }

    private string? Fault(Batch batch, int row)
    {
        var schema = batch.Schema;
        if (!FakeLedger.TryRead(Cell(batch, 0, row * batch.Length).Span, schema.Tensors[0].DType, out var first))
        {
            return "its first observation was altered";
        }

        var expected = new LedgerEntry[batch.Length];
        if (!ledgers.TryRead((int)first.Seed, first.Record, expected))
        {
            return $"life {first.Seed} has not handed out {batch.Length} records from {first.Record} on";
        }

        for (var step = 0; step < batch.Length; step++)
        {
            var at = (row * batch.Length) + step;
            var entry = LedgerEntry.Of(
                Enumerable.Range(0, schema.Observations).Select(column => Cell(batch, column, at)),
                MemoryMarshal.Read<float>(Cell(batch, schema.RewardIndex, at).Span),
                batch.Columns[schema.IsFirstIndex][at] != 0, batch.Columns[schema.IsLastIndex][at] != 0, batch.Columns[schema.IsLastIndex + 1][at] != 0);

            if (!expected[step].Matches(entry, begins: step == 0, ends: step == batch.Length - 1))
            {
                return $"step {step} is not record {first.Record + step} of life {first.Seed}";
            }
        }

        return null;
    }

    private static ReadOnlyMemory<byte> Cell(Batch batch, int column, int at)
    {
        var size = batch.Schema.Tensors[column].Bytes;
        return batch.Columns[column].AsMemory(at * size, size);
    }
}
