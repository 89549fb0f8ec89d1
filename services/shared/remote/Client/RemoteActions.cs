using Dreamer.Environments;
using Dreamer.Spaces;
using Google.Protobuf.Collections;
using V1 = Dreamer.Remote.V1;

namespace Dreamer.Remote.Client;

/// <summary>
/// How our actions become a server's: one bounded integer is a choice, carried as one-hot; bounded reals are joined in the order of
/// their numbers, carried in [-1, 1].
/// </summary>
internal sealed class RemoteActions
{
    private readonly List<(ulong Uid, V1.TensorSpec Spec, (double Low, double High)[] Bounds)> _tensors = [];

    /// <exception cref="RemoteEnvironmentException">Agents here have no such actions.</exception>
    public RemoteActions(MapField<ulong, V1.TensorSpec> specs)
    {
        foreach (var (uid, spec) in specs.OrderBy(entry => entry.Key))
        {
            var elements = RemoteShape.Elements("action", spec);
            var (lows, highs) = (Tensors.Bounds(spec.Min), Tensors.Bounds(spec.Max));
            var bounds = new (double, double)[elements];
            for (var index = 0; index < elements; index++)
            {
                bounds[index] = Of(lows, index, elements) is { } low && Of(highs, index, elements) is { } high && low < high && double.IsFinite(high - low)
                    ? (low, high)
                    : throw new RemoteEnvironmentException($"action '{spec.Name}' has no finite bounds (min, max): without them it cannot be chosen or scaled. Bound it at the server.");
            }

            _tensors.Add((uid, spec, bounds));
        }

        Spec = _tensors switch
        {
            [var (_, spec, bounds)] when Tensors.IsInteger(spec.Dtype) && bounds.Length == 1 && bounds[0].High - bounds[0].Low < 65536 =>
                new ActionSpec(ActionKind.Discrete, (int)(bounds[0].High - bounds[0].Low) + 1),
            [_, ..] when _tensors.TrueForAll(tensor => Tensors.IsReal(tensor.Spec.Dtype)) =>
                new ActionSpec(ActionKind.Continuous, _tensors.Sum(tensor => tensor.Bounds.Length)),
            _ => throw new RemoteEnvironmentException(
                $"actions {RemoteShape.Describe(specs.Values)} are not supported: agents here take one integer of up to 65536 values, or real numbers."),
        };
    }

    /// <summary>The action space as agents see it.</summary>
    public ActionSpec Spec { get; }

    /// <summary>Writes [A] one-hot or in [-1, 1] in the server's units.</summary>
    public void Write(ReadOnlySpan<float> action, MapField<ulong, V1.Tensor> into)
    {
        if (Spec.Kind == ActionKind.Discrete)
        {
            var (uid, spec, bounds) = _tensors[0];
            into[uid] = Shaped(Tensors.OfIntegers(spec.Dtype, (long)bounds[0].Low + ActionRules.Choice(action)), spec);
            return;
        }

        var at = 0;
        foreach (var (uid, spec, bounds) in _tensors)
        {
            var values = new double[bounds.Length];
            for (var index = 0; index < values.Length; index++)
            {
                // In single precision the sum may round past a bound, and a server would refuse it.
                var (low, high) = bounds[index];
                values[index] = Math.Clamp(ActionRules.Rescale(action[at++], low, high), low, high);
            }

            into[uid] = Shaped(Tensors.OfReals(spec.Dtype, values), spec);
        }
    }

    // One bound stands for all elements.
    private static double? Of(double[] bounds, int index, int elements) =>
        bounds.Length == elements ? bounds[index] : bounds.Length == 1 ? bounds[0] : null;

    private static V1.Tensor Shaped(V1.Tensor tensor, V1.TensorSpec spec)
    {
        tensor.Shape.AddRange(spec.Shape);
        return tensor;
    }
}
