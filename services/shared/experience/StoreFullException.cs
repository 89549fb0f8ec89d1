using Dreamer.Spaces;

namespace Dreamer.Experience;

/// <summary>The store has no room. Nothing was stored or lost: stop granting credits and try again later.</summary>
public sealed class StoreFullException(string message, Exception? inner = null) : Exception(message, inner), IPlainError;
