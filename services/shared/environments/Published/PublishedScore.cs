namespace Dreamer.Environments.Published;

/// <summary>A mean return that an agent was published with.</summary>
/// <param name="Agent"><c>planet</c>, <c>dreamer_v1</c>, <c>dreamer_v2</c> or <c>dreamer_v3</c>.</param>
/// <param name="Observation">What it saw: <c>image</c> or <c>vector</c>.</param>
/// <param name="Steps">Environment steps, action repeat included, after which it was taken.</param>
/// <param name="Score">Mean over seeds, and for DreamerV3 over the last tenth of the steps.</param>
public sealed record PublishedScore(string Agent, string Observation, int Steps, double Score);
