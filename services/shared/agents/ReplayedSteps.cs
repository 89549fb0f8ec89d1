using Dreamer.Agents.Nets;
using Dreamer.Experience;
using Dreamer.Spaces;
using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents;

/// <summary>
/// One batch on the device, time first, for the generations before V3: they begin every window with a blank state. Record 0 of
/// each window is context: its action is the one that led to the first trained step (spec 0.1), and nothing else of it is used.
/// </summary>
public sealed class ReplayedSteps
{
    /// <summary>Steps before the trained ones that a window must have.</summary>
    public const int Context = 1;

    /// <summary>B</summary>
    public required int Rows { get; init; }

    /// <summary>T</summary>
    public required int Steps { get; init; }

    /// <summary>[T*B, V] floats as they are and one-hot categories in key order, or null.</summary>
    public Tensor? Vectors { get; private init; }

    /// <summary>[T*B, H, W, C] in 0..255, or null.</summary>
    public Tensor? Images { get; private init; }

    /// <summary>[T*B, A] action that led to the step, zero at the first step of an episode.</summary>
    public required Tensor PreviousAction { get; init; }

    /// <summary>[T, B, 1] 0 at the first step of an episode, where the state is cleared, 1 elsewhere.</summary>
    public required Tensor Keep { get; init; }

    /// <summary>[T*B] received on arriving.</summary>
    public required Tensor Reward { get; init; }

    /// <summary>[T*B] 1 at a true end.</summary>
    public required Tensor Terminal { get; init; }

    /// <summary>[T] whether any row starts an episode at that step.</summary>
    public required bool[] HasFirst { get; init; }

    /// <exception cref="ArgumentException">The batch has other sizes or tensors than the agent.</exception>
    public static ReplayedSteps Load(
        Batch batch, Schema schema, ObservationLayout layout, int rows, int steps, Device device, ScalarType dtype)
    {
        var columns = new BatchColumns(batch, schema, rows, steps, Context, device);
        var count = (long)rows * steps;
        var keep = (1 - columns.Read(Schema.IsFirst, uint8, Context).to(dtype)).unsqueeze(-1);
        var (vectors, images) = layout.Join((tensor, type) => columns.Read(tensor.Key, type, Context, tensor.Elements), count, dtype);
        return new ReplayedSteps
        {
            Rows = rows,
            Steps = steps,
            Vectors = vectors,
            Images = images,
            PreviousAction = (columns.Read(Schema.Action, float32, 0, schema.Tensors[schema.ActionIndex].Elements).to(dtype) * keep).view(count, -1),
            Keep = keep,
            Reward = columns.Read(Schema.Reward, float32, Context).to(dtype).view(-1),
            Terminal = columns.Read(Schema.IsTerminal, uint8, Context).to(dtype).view(-1),
            HasFirst = columns.FindFirst(),
        };
    }
}
