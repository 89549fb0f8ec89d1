using System.Runtime.InteropServices;
using Dreamer.Agents.DreamerV3;
using Dreamer.Experience;
using Dreamer.Spaces;

namespace Dreamer.Agents.Tests.Support;

/// <summary>Batches of made-up steps that fit an agent.</summary>
internal static class Batches
{
    public static readonly EnvironmentSpec Vector = new(new ActionSpec(ActionKind.Discrete, 3), new TensorSpec("vector", DType.Float32, 5));

    public static readonly EnvironmentSpec Everything = new(
        new ActionSpec(ActionKind.Continuous, 2),
        new TensorSpec("vector", DType.Float32, 5),
        new TensorSpec("room", DType.Int32, [2], 4),
        new TensorSpec("image", DType.UInt8, 64, 64, 3));

    public static readonly EnvironmentSpec Image = new(new ActionSpec(ActionKind.Discrete, 2), new TensorSpec("image", DType.UInt8, 64, 64, 1));

    /// <summary>Random steps with an episode border in every third row; the same seed gives the same batch.</summary>
    public static Batch Random(IAgent agent, EnvironmentSpec spec, int seed)
    {
        var random = new Random(seed);
        var batch = new Batch(Schema.For(spec, agent.RecordedState), agent.BatchSize, agent.Context + agent.BatchLength);
        foreach (var (tensor, column) in batch.Schema.Tensors.Zip(batch.Columns))
        {
            Fill(random, tensor, column);
        }

        Array.Clear(batch[Schema.IsFirst]);
        Array.Clear(batch[Schema.IsLast]);
        Array.Clear(batch[Schema.IsTerminal]);
        for (var row = 0; row < batch.BatchSize; row++)
        {
            var start = row * batch.Length;
            batch[Schema.IsFirst][start] = 1; // as replay marks every window; it must not matter
            if (row % 3 == 0)
            {
                var border = start + 2 + random.Next(batch.Length - 3);
                batch[Schema.IsLast][border] = 1;
                batch[Schema.IsTerminal][border] = (byte)(row % 2);
                batch[Schema.IsFirst][border + 1] = 1;
            }
        }

        if (spec.Action.Kind == ActionKind.Discrete)
        {
            var actions = MemoryMarshal.Cast<byte, float>(batch[Schema.Action].AsSpan());
            actions.Clear();
            for (var step = 0; step < actions.Length; step += spec.Action.Size)
            {
                actions[step + random.Next(spec.Action.Size)] = 1;
            }
        }

        if (agent is DreamerV3Agent v3)
        {
            FillState(random, batch, v3.Model.Sizes.Classes);
        }

        return batch;
    }

    private static void FillState(Random random, Batch batch, int classes)
    {
        foreach (ref var half in MemoryMarshal.Cast<byte, ushort>(batch.State[0].AsSpan()))
        {
            half = (ushort)(BitConverter.SingleToUInt32Bits((float)(random.NextDouble() - 0.5)) >> 16);
        }

        foreach (ref var index in batch.State[1].AsSpan())
        {
            index = (byte)random.Next(classes);
        }
    }

    private static void Fill(Random random, TensorSpec tensor, byte[] column)
    {
        switch (tensor.DType)
        {
            case DType.Float32:
                foreach (ref var value in MemoryMarshal.Cast<byte, float>(column.AsSpan()))
                {
                    value = (float)(random.NextDouble() * 2 - 1);
                }

                break;
            case DType.Int32:
                foreach (ref var value in MemoryMarshal.Cast<byte, int>(column.AsSpan()))
                {
                    value = random.Next(tensor.Classes);
                }

                break;
            default:
                random.NextBytes(column);
                break;
        }
    }
}
