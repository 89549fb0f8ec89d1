using Dreamer.Spaces;

namespace Dreamer.Experience;

/// <summary>A peer takes more than it may; the message names the setting. Nothing was changed.</summary>
public sealed class LimitExceededException(string message) : Exception(message), IPlainError;
