namespace Dreamer.Agents;

/// <summary>What one update gives back.</summary>
/// <param name="Metrics">Name to value, dreamerv3's names where one exists; null when not asked for.</param>
/// <param name="State">One buffer [B, T, ...] per tensor of <see cref="IAgent.RecordedState"/>: the fresh state of every trained step.</param>
/// <param name="Priorities">[B, T] how wrong the world model was about each trained step, not negative; null from agents that do not tell.</param>
public sealed record TrainResult(IReadOnlyDictionary<string, double>? Metrics, byte[][] State, float[]? Priorities = null);
