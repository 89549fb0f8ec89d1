using Dreamer.Spaces;

namespace Dreamer.Environments.Recordings;

/// <summary>A file is no recording that can be replayed; the message says what is wrong with it.</summary>
public sealed class RecordingFormatException(string message, Exception? cause = null) : Exception(message, cause), IPlainError;
