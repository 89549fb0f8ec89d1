using Dreamer.Spaces;

namespace Dreamer.Policies;

/// <summary>Weights that do not fit the policy they were sent to, or that arrived damaged.</summary>
public sealed class PolicyFormatException(string message) : Exception(message), IPlainError;
