namespace Dreamer.Experience;

/// <summary>A chunk that must not enter the replay: wrong size, not finite, damaged. Nothing was changed.</summary>
public sealed class InvalidChunkException(string message) : Exception(message);
