namespace Dreamer.Experience;

/// <summary>B windows in buffers that are filled again and again. All little endian, row major.</summary>
public sealed class Batch
{
    /// <param name="schema">Tensors of a step.</param>
    /// <param name="batchSize">Windows, B.</param>
    /// <param name="length">Steps per window, context included.</param>
    public Batch(Schema schema, int batchSize, int length)
    {
        (Schema, BatchSize, Length) = (schema, batchSize, length);
        Columns = [.. schema.Tensors.Take(schema.StateIndex).Select(tensor => new byte[batchSize * length * tensor.Bytes])];
        State = [.. schema.Tensors.Skip(schema.StateIndex).Select(tensor => new byte[batchSize * tensor.Bytes])];
        Steps = new StepRef[batchSize * length];
    }

    /// <summary>Tensors of a step.</summary>
    public Schema Schema { get; }

    /// <summary>B.</summary>
    public int BatchSize { get; }

    /// <summary>Steps per window, context included.</summary>
    public int Length { get; }

    /// <summary>One buffer [B, Length, *shape] per tensor that is not policy state, in schema order.</summary>
    public byte[][] Columns { get; }

    /// <summary>Recorded policy state after the first step of each window: one buffer [B, *shape] per state tensor.</summary>
    public byte[][] State { get; }

    /// <summary>[B, Length] where each step lies.</summary>
    public StepRef[] Steps { get; }

    /// <summary>The column of a key, [B, Length, *shape].</summary>
    /// <exception cref="KeyNotFoundException">No such column.</exception>
    public byte[] this[string key] => Schema.IndexOf(key) is var index && index >= 0 && index < Columns.Length
        ? Columns[index]
        : throw new KeyNotFoundException($"the schema has no column '{key}'");
}
