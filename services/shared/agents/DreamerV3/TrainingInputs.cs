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

    private TrainingInputs(int rows, int steps, bool[] hasFirst) => (Rows, Steps, HasFirst) = (rows, steps, hasFirst);

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
        var columns = new BatchColumns(batch, schema, rows, steps, Context, device);
        var keep = 1 - columns.Read(Schema.IsFirst, uint8, Context).to(dtype);
        var (vectors, images) = Observations(layout, (tensor, type) => columns.Read(tensor.Key, type, Context, tensor.Elements), steps * rows, dtype);
        return new TrainingInputs(rows, steps, columns.FindFirst())
        {
            Vectors = vectors,
            Images = images,
            PreviousAction = (columns.Read(Schema.Action, float32, 0, schema.Tensors[schema.ActionIndex].Elements).to(dtype) * keep.unsqueeze(-1)).view(steps * rows, -1),
            Keep = keep.unsqueeze(-1),
            Reward = columns.Read(Schema.Reward, float32, Context).to(dtype),
            Last = columns.Read(Schema.IsLast, uint8, Context).to(dtype),
            Terminal = columns.Read(Schema.IsTerminal, uint8, Context).to(dtype),
            Deter = BatchColumns.FromBytes(batch.State[0], bfloat16, [rows, sizes.Deter]).to(device).to(dtype),
            Stoch = nn.functional.one_hot(BatchColumns.FromBytes(batch.State[1], uint8, [rows, sizes.Stoch]).to(int64), sizes.Classes)
                .to(device).to(dtype).view(rows, -1),
        };
    }

    /// <summary>Raw observation tensors as the networks see them: vectors [N, V] and images [N, H, W, C] in [0, 1], null where there are none.</summary>
    /// <param name="read">The raw elements of one tensor in its own type, N times its shape.</param>
    internal static (Tensor? Vectors, Tensor? Images) Observations(
        ObservationLayout layout, Func<TensorSpec, ScalarType, Tensor> read, long count, ScalarType dtype)
    {
        var (vectors, images) = layout.Join(read, count, dtype, Symlog.Forward);
        return (vectors, images?.div_(255));
    }
}
