namespace Dreamer.Experience;

/// <summary>One measured figure beside the limit of the same machine, measured in the same run.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Value">In <paramref name="Unit"/>.</param>
/// <param name="Unit">For example <c>batches/s</c>.</param>
/// <param name="Limit">What the machine could do at best, in the same unit; null where nothing bounds it.</param>
public sealed record BenchmarkFigure(string Name, double Value, string Unit, double? Limit);
