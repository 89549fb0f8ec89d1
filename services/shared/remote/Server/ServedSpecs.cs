using Dreamer.Spaces;
using Google.Protobuf;
using Grpc.Core;
using V1 = Dreamer.Remote.V1;

namespace Dreamer.Remote.Server;

/// <summary>
/// One of our environments in dm_env_rpc's terms. Action 1 is <c>action</c>: an int32 choice, or floats in [-1, 1]. The observations
/// are numbered from 1: ours in key order, then <c>reward</c>, <c>discount</c> (0 after a true end) and <c>truncated</c>.
/// </summary>
internal sealed class ServedSpecs
{
    private const ulong ActionUid = 1;
    private readonly EnvironmentSpec _spec;

    public ServedSpecs(EnvironmentSpec spec)
    {
        _spec = spec;
        Wire.Actions.Add(ActionUid, Action(spec.Action));
        V1.TensorSpec[] observations =
        [
            .. spec.Observations.Select(Observation),
            new() { Name = "reward", Dtype = V1.DataType.Float },
            new() { Name = "discount", Dtype = V1.DataType.Float, Min = Floats(0), Max = Floats(1) },
            new() { Name = "truncated", Dtype = V1.DataType.Bool },
        ];
        for (var index = 0; index < observations.Length; index++)
        {
            Wire.Observations.Add((ulong)index + 1, observations[index]);
        }
    }

    /// <summary>What JoinWorld answers.</summary>
    public V1.ActionObservationSpecs Wire { get; } = new();

    /// <summary>Refuses numbers that name no observation.</summary>
    public void CheckRequested(IEnumerable<ulong> uids)
    {
        foreach (var uid in uids)
        {
            if (!Wire.Observations.ContainsKey(uid))
            {
                throw Refuse($"there is no observation {uid}; there are 1 to {Wire.Observations.Count}");
            }
        }
    }

    /// <summary>The action of a request, [A] one-hot or in [-1, 1]; one that is left out, as the protocol allows, is zero.</summary>
    public float[] ReadAction(IReadOnlyDictionary<ulong, V1.Tensor> actions)
    {
        if (actions.Keys.Any(uid => uid != ActionUid))
        {
            throw Refuse($"there is no action {actions.Keys.First(uid => uid != ActionUid)}; there is {ActionUid}");
        }

        var wire = Wire.Actions[ActionUid];
        if (!actions.TryGetValue(ActionUid, out var tensor))
        {
            tensor = wire.Dtype == V1.DataType.Int32 ? Tensors.OfIntegers(wire.Dtype, 0) : Tensors.OfReals(wire.Dtype, 0);
            tensor.Shape.AddRange(wire.Shape);
        }

        var size = wire.Shape.Count == 0 ? 1 : _spec.Action.Size;
        if (Tensors.TypeOf(tensor) != wire.Dtype)
        {
            throw Refuse($"action 1 is of type {wire.Dtype}, not {Tensors.TypeOf(tensor)}");
        }

        // One extent may be left to be inferred; one element stands for all.
        var fits = tensor.Shape.Count == wire.Shape.Count && (tensor.Shape.Count == 0 || tensor.Shape[0] < 0 || tensor.Shape[0] == size);
        if (!fits || (Tensors.Count(tensor) != size && Tensors.Count(tensor) != 1))
        {
            throw Refuse($"action 1 has the shape [{string.Join(", ", wire.Shape)}], not [{string.Join(", ", tensor.Shape)}] with {Tensors.Count(tensor)} elements");
        }

        var action = new float[_spec.Action.Size];
        var (low, high) = (Tensors.Bounds(wire.Min)[0], Tensors.Bounds(wire.Max)[0]);
        for (var index = 0; index < size; index++)
        {
            var value = Tensors.At(tensor, Math.Min(index, Tensors.Count(tensor) - 1));
            if (!(value >= low && value <= high))
            {
                throw Refuse($"action 1 is {value} at element {index}; it must lie in {low} to {high}");
            }

            action[_spec.Action.Kind == ActionKind.Discrete ? (int)value : index] = _spec.Action.Kind == ActionKind.Discrete ? 1 : (float)value;
        }

        return action;
    }

    /// <summary>The observations of a record that were asked for.</summary>
    public V1.StepResponse Write(TimeStep step, IEnumerable<ulong> requested)
    {
        var response = new V1.StepResponse { State = step.IsLast ? V1.EnvironmentStateType.Terminated : V1.EnvironmentStateType.Running };
        foreach (var uid in requested)
        {
            response.Observations[uid] = Tensor(step, (int)uid - 1);
        }

        return response;
    }

    private V1.Tensor Tensor(TimeStep step, int index)
    {
        if (index >= _spec.Observations.Length)
        {
            return (index - _spec.Observations.Length) switch
            {
                0 => Tensors.OfReals(V1.DataType.Float, step.Reward),
                1 => Tensors.OfReals(V1.DataType.Float, step.IsTerminal ? 0 : 1),
                _ => new() { Bools = new() { Array = { step.IsLast && !step.IsTerminal } } },
            };
        }

        var local = _spec.Observations[index];
        V1.Tensor tensor = local.DType switch
        {
            DType.UInt8 => new() { Uint8S = new() { Array = ByteString.CopyFrom(step.Observations[index]) } },
            DType.Int32 => new() { Int32S = new() { Array = { step.Integers(index).ToArray() } } },
            _ => new() { Floats = new() { Array = { step.Floats(index).ToArray() } } },
        };
        tensor.Shape.AddRange(local.Shape);
        return tensor;
    }

    private static V1.TensorSpec Action(ActionSpec spec) => spec.Kind == ActionKind.Discrete
        ? new() { Name = "action", Dtype = V1.DataType.Int32, Min = Integers(0), Max = Integers(spec.Size - 1) }
        : new() { Name = "action", Dtype = V1.DataType.Float, Shape = { spec.Size }, Min = Floats(-1), Max = Floats(1) };

    private static V1.TensorSpec Observation(TensorSpec spec)
    {
        V1.TensorSpec wire = spec switch
        {
            { DType: DType.UInt8 } => new() { Dtype = V1.DataType.Uint8 },
            { DType: DType.Int32, Classes: > 0 } => new() { Dtype = V1.DataType.Int32, Min = Integers(0), Max = Integers(spec.Classes - 1) },
            { DType: DType.Int32 } => new() { Dtype = V1.DataType.Int32 },
            { DType: DType.Float32 } => new() { Dtype = V1.DataType.Float },
            _ => throw new NotSupportedException($"observation {spec} cannot be served: dm_env_rpc has no type for it"),
        };
        wire.Name = spec.Key;
        wire.Shape.AddRange(spec.Shape);
        return wire;
    }

    private static V1.TensorSpec.Types.Value Floats(float value) => new() { Floats = new() { Array = { value } } };

    private static V1.TensorSpec.Types.Value Integers(int value) => new() { Int32S = new() { Array = { value } } };

    private static RequestRefusedException Refuse(string message) => new(StatusCode.InvalidArgument, message + ".");
}
