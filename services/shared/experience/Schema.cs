using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Dreamer.Spaces;

namespace Dreamer.Experience;

/// <summary>
/// Names every tensor of one step: observations, <c>action</c>, <c>reward</c>, the three flags, then the recorded policy state.
/// Actors, replay and learner agree on it before the first step travels.
/// </summary>
public sealed class Schema : IEquatable<Schema>
{
    /// <summary>Key of the action chosen at this observation, float32 [A].</summary>
    public const string Action = "action";

    /// <summary>Key of the reward received on arriving at this observation, float32 [].</summary>
    public const string Reward = "reward";

    /// <summary>Key of the flag on an episode's first record, uint8 [].</summary>
    public const string IsFirst = "is_first";

    /// <summary>Key of the flag on an episode's last record, uint8 [].</summary>
    public const string IsLast = "is_last";

    /// <summary>Key of the flag on a true end, uint8 [].</summary>
    public const string IsTerminal = "is_terminal";

    private const int FixedTensors = 5;

    /// <param name="tensors">All tensors in column order: observations, action, reward, is_first, is_last, is_terminal, policy state.</param>
    /// <param name="stateTensors">How many of the last ones are recorded policy state.</param>
    public Schema(ImmutableArray<TensorSpec> tensors, int stateTensors)
    {
        Tensors = tensors;
        StateTensors = stateTensors;
        Observations = tensors.Length - stateTensors - FixedTensors;
        if (stateTensors < 0 || Observations < 0)
        {
            throw new ArgumentException("a schema holds observations, action, reward, is_first, is_last, is_terminal, then the policy state", nameof(tensors));
        }

        var repeated = tensors.GroupBy(tensor => tensor.Key, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        if (repeated is not null)
        {
            throw new ArgumentException($"two tensors are called '{repeated.Key}': rename the observation or the policy state", nameof(tensors));
        }

        Expect(ActionIndex, Action, DType.Float32, rank: 1);
        Expect(RewardIndex, Reward, DType.Float32, rank: 0);
        Expect(IsFirstIndex, IsFirst, DType.UInt8, rank: 0);
        Expect(IsLastIndex, IsLast, DType.UInt8, rank: 0);
        Expect(IsTerminalIndex, IsTerminal, DType.UInt8, rank: 0);
        StepBytes = tensors.Sum(tensor => tensor.Bytes);
        Hash = Fingerprint(ToString());
    }

    /// <summary>All tensors in column order.</summary>
    public ImmutableArray<TensorSpec> Tensors { get; }

    /// <summary>The last this many tensors are recorded policy state.</summary>
    public int StateTensors { get; }

    /// <summary>The first this many tensors are observations.</summary>
    public int Observations { get; }

    /// <summary>Index of the action column.</summary>
    public int ActionIndex => Observations;

    /// <summary>Index of the reward column.</summary>
    public int RewardIndex => Observations + 1;

    /// <summary>Index of the is_first column.</summary>
    public int IsFirstIndex => Observations + 2;

    /// <summary>Index of the is_last column.</summary>
    public int IsLastIndex => Observations + 3;

    /// <summary>Index of the is_terminal column.</summary>
    public int IsTerminalIndex => Observations + 4;

    /// <summary>Index of the first state column; equals the tensor count when no state is recorded.</summary>
    public int StateIndex => Tensors.Length - StateTensors;

    /// <summary>Raw bytes of one step over all columns.</summary>
    public int StepBytes { get; }

    /// <summary>FNV-1a over the text form; travels with each chunk.</summary>
    public ulong Hash { get; }

    /// <summary>The schema of an environment played by a policy that records <paramref name="state"/> with each step.</summary>
    public static Schema For(EnvironmentSpec environment, ImmutableArray<TensorSpec> state) => new(
        [
            .. environment.Observations,
            new TensorSpec(Action, DType.Float32, environment.Action.Size),
            new TensorSpec(Reward, DType.Float32),
            new TensorSpec(IsFirst, DType.UInt8),
            new TensorSpec(IsLast, DType.UInt8),
            new TensorSpec(IsTerminal, DType.UInt8),
            .. state,
        ],
        state.Length);

    /// <summary>Column of a key, -1 when there is none.</summary>
    public int IndexOf(string key)
    {
        for (var index = 0; index < Tensors.Length; index++)
        {
            if (Tensors[index].Key == key)
            {
                return index;
            }
        }

        return -1;
    }

    /// <summary>What differs, naming the key; null when both are the same.</summary>
    public string? Difference(Schema other)
    {
        foreach (var tensor in Tensors)
        {
            var index = other.IndexOf(tensor.Key);
            if (index < 0)
            {
                return $"'{tensor.Key}' is missing";
            }

            if (other.Tensors[index] != tensor)
            {
                return $"'{tensor.Key}' is {other.Tensors[index]} instead of {tensor}";
            }
        }

        var added = other.Tensors.FirstOrDefault(tensor => IndexOf(tensor.Key) < 0);
        return added is not null ? $"'{added.Key}' is not known here"
            : Equals(other) ? null
            : "the order of the tensors differs";
    }

    /// <summary>The text form that <see cref="Parse"/> reads: state count, then one tensor per line.</summary>
    public override string ToString() => $"{StateTensors}\n{string.Join('\n', Tensors)}";

    /// <summary>Reads the form written by <see cref="ToString"/>.</summary>
    public static Schema Parse(string text)
    {
        var lines = text.Split('\n');
        return new Schema([.. lines.Skip(1).Select(TensorSpec.Parse)], int.Parse(lines[0], CultureInfo.InvariantCulture));
    }

    public bool Equals(Schema? other) =>
        other is not null && Hash == other.Hash && StateTensors == other.StateTensors && Tensors.SequenceEqual(other.Tensors);

    public override bool Equals(object? obj) => Equals(obj as Schema);

    public override int GetHashCode() => Hash.GetHashCode();

    private static ulong Fingerprint(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ value) * 1099511628211UL;
        }

        return hash;
    }

    private void Expect(int index, string key, DType dtype, int rank)
    {
        if (Tensors[index].Key != key || Tensors[index].DType != dtype || Tensors[index].Shape.Length != rank)
        {
            throw new ArgumentException($"column {index} is {Tensors[index]}, expected '{key}' of {dtype} with {rank} axes");
        }
    }
}
