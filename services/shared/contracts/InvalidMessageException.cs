using Dreamer.Spaces;

namespace Dreamer.Contracts;

/// <summary>A message that says something impossible. Nothing of it was used.</summary>
public sealed class InvalidMessageException(string message) : Exception(message), IPlainError;
