namespace Dreamer.Spaces;

/// <summary>What an environment can tell of an episode beside its rewards; logged as <c>episode/NAME</c>.</summary>
/// <param name="Name">Small letters, digits and underscores; slashes between its parts.</param>
/// <param name="Value">Finite.</param>
public readonly record struct EpisodeFact(string Name, double Value);
