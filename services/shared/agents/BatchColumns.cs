using Dreamer.Experience;
using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents;

/// <summary>Columns of a batch [B, context + T] as tensors of the trained steps on the device, time first.</summary>
internal sealed class BatchColumns
{
    private readonly Batch batch;
    private readonly (int Rows, int Steps, int Context) size;
    private readonly Device device;

    /// <exception cref="ArgumentException">The batch has other sizes or tensors than the agent.</exception>
    public BatchColumns(Batch batch, Schema schema, int rows, int steps, int context, Device device)
    {
        (this.batch, size, this.device) = (batch, (rows, steps, context), device);
        if (batch.BatchSize != rows || batch.Length != steps + context)
        {
            throw new ArgumentException($"the batch is [{batch.BatchSize}, {batch.Length}], the agent trains on [{rows}, {steps + context}]: "
                + "give replay the agent's batch_size, batch_length and context");
        }

        if (schema.Difference(batch.Schema) is { } difference)
        {
            throw new ArgumentException($"the batch does not fit the agent: {difference}; clear the replay or use the environment and preset it was filled with");
        }
    }

    /// <summary>[T, B, shape]: the trained steps, or those that begin at record <paramref name="from"/> of each window.</summary>
    public Tensor Read(string key, ScalarType type, int from, params long[] shape) =>
        FromBytes(batch[key], type, [size.Rows, batch.Length, .. shape]).narrow(1, from, size.Steps).transpose(0, 1).contiguous().to(device);

    /// <summary>[T] whether any row starts an episode at that step.</summary>
    public bool[] FindFirst()
    {
        var flags = batch[Schema.IsFirst];
        var found = new bool[size.Steps];
        for (var row = 0; row < size.Rows; row++)
        {
            for (var step = 0; step < size.Steps; step++)
            {
                found[step] |= flags[(row * batch.Length) + size.Context + step] != 0;
            }
        }

        return found;
    }

    /// <summary>A tensor in CPU memory with these bytes.</summary>
    public static Tensor FromBytes(ReadOnlySpan<byte> bytes, ScalarType type, long[] shape)
    {
        var result = empty(shape, type, CPU);
        bytes.CopyTo(result.bytes);
        return result;
    }
}
