using System.Collections.Immutable;
using Dreamer.Environments;
using Dreamer.Spaces;
using Google.Protobuf.Collections;
using V1 = Dreamer.Remote.V1;

namespace Dreamer.Remote.Client;

/// <summary>
/// How a server's observations become ours: uint8 [H, W, C] is an image, bounded integers of few values are categories, other
/// numbers a float32 vector. <c>reward</c>, <c>discount</c> and <c>truncated</c> are no observations but what an episode is made of.
/// </summary>
internal sealed class RemoteObservations
{
    private const int MostClasses = 1024;
    private const string Reward = "reward";
    private const string Discount = "discount";
    private const string Truncated = "truncated";
    private static readonly string[] Reserved = ["action", "is_first", "is_last", "is_terminal"];

    // In the order of Spec.
    private readonly ImmutableArray<(ulong Uid, V1.TensorSpec Remote, TensorSpec Local)> _tensors;
    private readonly Dictionary<string, (ulong Uid, V1.TensorSpec Remote)> _signals = [];

    /// <param name="specs">What the server offers.</param>
    /// <param name="kind">Vectors, images or both.</param>
    /// <param name="names">Those to take; empty for all.</param>
    /// <exception cref="RemoteEnvironmentException">No agent here could learn from it.</exception>
    public RemoteObservations(MapField<ulong, V1.TensorSpec> specs, ObservationKind kind, ImmutableArray<string> names)
    {
        foreach (var (uid, spec) in specs.Where(entry => entry.Value.Name is Reward or Discount or Truncated))
        {
            _signals[spec.Name] = RemoteShape.Elements("observation", spec) == 1
                ? (uid, spec)
                : throw new RemoteEnvironmentException($"observation '{spec.Name}' has {spec.Shape} elements; it must be one number.");
        }

        if (!_signals.ContainsKey(Reward))
        {
            throw new RemoteEnvironmentException($"the server offers no observation named 'reward', but {RemoteShape.Describe(specs.Values)}: there is nothing to learn from.");
        }

        var unknown = names.FirstOrDefault(name => specs.Values.All(spec => spec.Name != name));
        if (unknown is not null)
        {
            throw new RemoteEnvironmentException($"env.remote.observations: there is no '{unknown}'; the server offers {RemoteShape.Describe(specs.Values)}.");
        }

        var offered = specs
            .Where(entry => !_signals.ContainsKey(entry.Value.Name) && (names.IsEmpty || names.Contains(entry.Value.Name)))
            .Select(entry => (Uid: entry.Key, Remote: entry.Value, Local: Map(entry.Value)))
            .OrderBy(tensor => tensor.Local.Key, StringComparer.Ordinal)
            .ToImmutableArray();
        _tensors = [.. offered.Where(tensor => kind == ObservationKind.Both || tensor.Local.IsImage == (kind == ObservationKind.Image))];
        if (_tensors.IsEmpty)
        {
            throw new RemoteEnvironmentException(
                $"env.observation: the server offers {RemoteShape.Describe(offered.Select(tensor => tensor.Remote))}, nothing of the kind '{kind.ToString().ToLowerInvariant()}'"
                + (offered.IsEmpty ? "." : "; choose the other one, or both."));
        }

        Spec = [.. _tensors.Select(tensor => tensor.Local)];
        Requested = [.. _tensors.Select(tensor => tensor.Uid), .. _signals.Values.Select(signal => signal.Uid)];
    }

    /// <summary>The observations as agents see them.</summary>
    public ImmutableArray<TensorSpec> Spec { get; }

    /// <summary>Numbers to ask for at each step.</summary>
    public ImmutableArray<ulong> Requested { get; }

    /// <summary>Writes the observations of a step.</summary>
    /// <exception cref="RemoteEnvironmentException">They are not as the server said, or not finite.</exception>
    public void Read(V1.StepResponse step, TimeStep into)
    {
        for (var index = 0; index < _tensors.Length; index++)
        {
            var (uid, remote, local) = _tensors[index];
            var tensor = Find(step, uid, remote, local.Elements);
            if (local.IsImage)
            {
                ReadBytes(tensor, into.Observations[index]);
            }
            else if (local.Classes > 0)
            {
                ReadCategories(tensor, remote, local.Classes, into.Integers(index));
            }
            else
            {
                ReadReals(tensor, remote, into.Floats(index));
            }
        }
    }

    /// <summary>The reward of a step.</summary>
    public float ReadReward(V1.StepResponse step) => (float)(Signal(step, Reward) ?? 0);

    /// <summary>
    /// Whether an episode that has ended did so for good: with a discount of 0, or, where the server has no discounts, without being
    /// truncated. A time limit is no end for good.
    /// </summary>
    public bool IsTerminal(V1.StepResponse step) => step.State == V1.EnvironmentStateType.Terminated
        && (Signal(step, Discount) is { } discount ? discount == 0 : Signal(step, Truncated) is null or 0);

    private static TensorSpec Map(V1.TensorSpec spec)
    {
        var elements = RemoteShape.Elements("observation", spec);
        var key = spec.Name.Replace(':', '_').ReplaceLineEndings("_");
        if (key.Length == 0 || Reserved.Contains(key))
        {
            throw new RemoteEnvironmentException($"observation '{spec.Name}' has a name that is taken here; rename it at the server, or leave it out with env.remote.observations.");
        }

        if (spec.Dtype == V1.DataType.Uint8 && spec.Shape.Count == 3)
        {
            return new TensorSpec(key, DType.UInt8, [.. spec.Shape]);
        }

        var classes = Tensors.IsInteger(spec.Dtype) && Only(spec.Min) is { } low && Only(spec.Max) is { } high && high > low && high - low < MostClasses
            ? (int)(high - low) + 1
            : 0;
        return classes > 0 && elements * (long)classes <= 1 << 16
            ? new TensorSpec(key, DType.Int32, [elements], classes)
            : new TensorSpec(key, DType.Float32, elements);
    }

    // The bound that all elements share.
    private static double? Only(V1.TensorSpec.Types.Value? bound) =>
        Tensors.Bounds(bound) is [var first, .. var rest] && rest.All(other => other == first) ? first : null;

    private static V1.Tensor Find(V1.StepResponse step, ulong uid, V1.TensorSpec spec, int elements)
    {
        if (!step.Observations.TryGetValue(uid, out var tensor))
        {
            throw new RemoteEnvironmentException($"the server did not send observation '{spec.Name}', which was asked for.");
        }

        return Tensors.TypeOf(tensor) == spec.Dtype && Tensors.Count(tensor) is var count && (count == elements || count == 1)
            ? tensor
            : throw new RemoteEnvironmentException(
                $"observation '{spec.Name}' came as {Tensors.TypeOf(tensor)} of {Tensors.Count(tensor)} elements; the server had promised {spec.Dtype} of {elements}.");
    }

    private static void ReadBytes(V1.Tensor tensor, Span<byte> into)
    {
        var bytes = tensor.Uint8S.Array.Span;
        if (bytes.Length == into.Length)
        {
            bytes.CopyTo(into);
        }
        else
        {
            into.Fill(bytes[0]);
        }
    }

    private static void ReadCategories(V1.Tensor tensor, V1.TensorSpec spec, int classes, Span<int> into)
    {
        var low = Only(spec.Min)!.Value;
        var last = Tensors.Count(tensor) - 1;
        for (var index = 0; index < into.Length; index++)
        {
            var value = Tensors.At(tensor, Math.Min(index, last)) - low;
            into[index] = value >= 0 && value < classes
                ? (int)value
                : throw new RemoteEnvironmentException($"observation '{spec.Name}' holds {value + low} at element {index}; the server had promised {low} to {low + classes - 1}.");
        }
    }

    private static void ReadReals(V1.Tensor tensor, V1.TensorSpec spec, Span<float> into)
    {
        var last = Tensors.Count(tensor) - 1;
        for (var index = 0; index < into.Length; index++)
        {
            into[index] = Finite((float)Tensors.At(tensor, Math.Min(index, last)), spec.Name);
        }
    }

    private static float Finite(float value, string name) => float.IsFinite(value)
        ? value
        : throw new RemoteEnvironmentException($"observation '{name}' holds {value}, which is not finite.");

    private double? Signal(V1.StepResponse step, string name) => _signals.TryGetValue(name, out var signal)
        ? Finite((float)Tensors.At(Find(step, signal.Uid, signal.Remote, 1), 0), name)
        : null;
}
