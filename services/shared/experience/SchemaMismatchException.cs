using Dreamer.Spaces;

namespace Dreamer.Experience;

/// <summary>Actor, replay and learner disagree about the tensors of a step; the message names the key.</summary>
public sealed class SchemaMismatchException(string message) : Exception(message), IPlainError;
