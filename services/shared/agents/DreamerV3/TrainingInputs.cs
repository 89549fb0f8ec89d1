using Dreamer.Agents.Distributions;
using Dreamer.Agents.Nets;
using Dreamer.Experience;
using Dreamer.Spaces;
using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents.DreamerV3;

/// <summary>
/// One batch on the device, time first. Record 0 of each window is context: it supplies the recurrent state and the
/// previous action of the first trained step, and nothing else of it is used.
/// </summary>
public sealed class TrainingInputs
{
    private const int Context = 1;

    private TrainingInputs(int rows, int steps) => (Rows, Steps, HasFirst) = (rows, steps, new bool[steps]);

    /// <summary>B</summary>
    public int Rows { get; }

    /// <summary>T</summary>
    public int Steps { get; }

    /// <summary>[T*B, V] symlog floats and one-hot categories in key order, or null.</summary>
    public Tensor? Vectors { get; private init; }

    /// <summary>[T*B, H, W, C] in [0, 1], or null.</summary>
    public Tensor? Images { get; private init; }

    /// <summary>[T*B, A] action chosen at the step before, zero at the first step of an episode.</summary>
    public required Tensor PreviousAction { get; init; }

    /// <summary>[T, B, 1] 0 at the first step of an episode, where the state is cleared, 1 elsewhere.</summary>
    public required Tensor Keep { get; init; }

    /// <summary>[T, B] received on arriving.</summary>
    public required Tensor Reward { get; init; }

    /// <summary>[T, B] 1 at the last record of an episode.</summary>
    public required Tensor Last { get; init; }

    /// <summary>[T, B] 1 at a true end.</summary>
    public required Tensor Terminal { get; init; }

    /// <summary>[B, D] recorded state of the context step.</summary>
    public required Tensor Deter { get; init; }

    /// <summary>[B, S*C] recorded state of the context step, one-hot.</summary>
    public required Tensor Stoch { get; init; }

    /// <summary>[T] whether any row starts an episode at that step.</summary>
    public bool[] HasFirst { get; }

    /// <exception cref="ArgumentException">The batch has other sizes than the agent.</exception>
    public static TrainingInputs Load(
        Batch batch, Schema schema, ObservationLayout layout, RssmSizes sizes, int rows, int steps, Device device, ScalarType dtype)
    {
        if (batch.BatchSize != rows || batch.Length != steps + Context)
        {
            throw new ArgumentException($"the batch is [{batch.BatchSize}, {batch.Length}], the agent trains on [{rows}, {steps + Context}]: "
                + "give replay the agent's batch_size, batch_length and context");
        }

        if (schema.Difference(batch.Schema) is { } difference)
        {
            throw new ArgumentException($"the batch does not fit the agent: {difference}; clear the replay or use the environment and preset it was filled with");
        }

        // Window columns [B, L, ...] -> trained steps [T, B, ...] (or the steps before them).
        Tensor Column(string key, ScalarType type, int from, params long[] shape) =>
            FromBytes(batch[key], type, [rows, batch.Length, .. shape]).narrow(1, from, steps).transpose(0, 1).contiguous().to(device);

        var keep = 1 - Column(Schema.IsFirst, uint8, Context).to(dtype);
        var (vectors, images) = Observations(layout, (tensor, type) => Column(tensor.Key, type, Context, tensor.Elements), steps * rows, dtype);
        var inputs = new TrainingInputs(rows, steps)
        {
            Vectors = vectors,
            Images = images,
            PreviousAction = (Column(Schema.Action, float32, 0, schema.Tensors[schema.ActionIndex].Elements).to(dtype) * keep.unsqueeze(-1)).view(steps * rows, -1),
            Keep = keep.unsqueeze(-1),
            Reward = Column(Schema.Reward, float32, Context).to(dtype),
            Last = Column(Schema.IsLast, uint8, Context).to(dtype),
            Terminal = Column(Schema.IsTerminal, uint8, Context).to(dtype),
            Deter = FromBytes(batch.State[0], bfloat16, [rows, sizes.Deter]).to(device).to(dtype),
            Stoch = nn.functional.one_hot(FromBytes(batch.State[1], uint8, [rows, sizes.Stoch]).to(int64), sizes.Classes)
                .to(device).to(dtype).view(rows, -1),
        };
        inputs.FindFirst(batch[Schema.IsFirst]);
        return inputs;
    }

    /// <summary>Raw observation tensors as the networks see them: vectors [N, V] and images [N, H, W, C], null where there are none.</summary>
    /// <param name="read">The raw elements of one tensor in its own type, N times its shape.</param>
    internal static (Tensor? Vectors, Tensor? Images) Observations(
        ObservationLayout layout, Func<TensorSpec, ScalarType, Tensor> read, long count, ScalarType dtype)
    {
        Tensor Vector(TensorSpec tensor) => tensor.DType == DType.Float32
            ? Symlog.Forward(read(tensor, float32).to(dtype)).reshape(count, -1)
            : nn.functional.one_hot(read(tensor, int32).to(int64), tensor.Classes).to(dtype).reshape(count, -1);
        Tensor Image(TensorSpec tensor) =>
            read(tensor, uint8).to(dtype).div_(255).reshape(count, tensor.Shape[0], tensor.Shape[1], tensor.Shape[2]);

        return (
            layout.Vectors.Length == 0 ? null : cat([.. layout.Vectors.Select(Vector)], 1),
            layout.Images.Length == 0 ? null : cat([.. layout.Images.Select(Image)], 3));
    }

    private static Tensor FromBytes(ReadOnlySpan<byte> bytes, ScalarType type, long[] shape)
    {
        var result = empty(shape, type, CPU);
        bytes.CopyTo(result.bytes);
        return result;
    }

    private void FindFirst(ReadOnlySpan<byte> flags)
    {
        for (var row = 0; row < Rows; row++)
        {
            for (var step = 0; step < Steps; step++)
            {
                HasFirst[step] |= flags[row * (Steps + Context) + Context + step] != 0;
            }
        }
    }
}
