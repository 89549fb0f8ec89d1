using Dreamer.Spaces;

namespace Dreamer.Experience;

/// <summary>What a store holds beside its chunks cannot be read; the message names what and the remedy.</summary>
public sealed class StoreDamagedException(string message, Exception? inner = null) : Exception(message, inner), IPlainError;
