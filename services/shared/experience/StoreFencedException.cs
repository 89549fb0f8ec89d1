using Dreamer.Spaces;

namespace Dreamer.Experience;

/// <summary>Another writer took the store over (or the store was wiped): this one must not write any more.</summary>
public sealed class StoreFencedException(string message) : Exception(message), IPlainError;
