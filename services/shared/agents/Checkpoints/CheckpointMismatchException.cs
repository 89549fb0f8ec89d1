using Dreamer.Spaces;

namespace Dreamer.Agents.Checkpoints;

/// <summary>A checkpoint that belongs to a model of another shape. Nothing was changed.</summary>
public sealed class CheckpointMismatchException(string message) : Exception(message), IPlainError;
