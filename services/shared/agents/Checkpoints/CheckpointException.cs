using Dreamer.Spaces;

namespace Dreamer.Agents.Checkpoints;

/// <summary>A checkpoint that cannot be read or written; the message names the file and the remedy.</summary>
public sealed class CheckpointException(string message, Exception? inner = null) : Exception(message, inner), IPlainError;
