using Dreamer.Spaces;

namespace Dreamer.Experience;

/// <summary>The store does not answer. The outcome of the call is unknown; it may be repeated.</summary>
public class StoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner), IPlainError;
