namespace Dreamer.Bench;

/// <summary>What the machine allows a replay.</summary>
/// <param name="StepsIn">Steps per second.</param>
/// <param name="BatchesOut">Batches per second.</param>
internal readonly record struct ReplayLimits(double StepsIn, double BatchesOut);
