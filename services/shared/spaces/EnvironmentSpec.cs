using System.Collections.Immutable;

namespace Dreamer.Spaces;

/// <summary>What an environment shows and accepts at each step.</summary>
/// <param name="Observations">One spec per observation key, sorted by key (ordinal).</param>
/// <param name="Action">The action space.</param>
public sealed record EnvironmentSpec(ImmutableArray<TensorSpec> Observations, ActionSpec Action)
{
    public ImmutableArray<TensorSpec> Observations { get; } =
        [.. Observations.OrderBy(spec => spec.Key, StringComparer.Ordinal)];

    public EnvironmentSpec(ActionSpec action, params TensorSpec[] observations) : this([.. observations], action) { }

    public bool Equals(EnvironmentSpec? other) =>
        other is not null && Action == other.Action && Observations.SequenceEqual(other.Observations);

    public override int GetHashCode() => HashCode.Combine(Action, Observations.Length);
}
