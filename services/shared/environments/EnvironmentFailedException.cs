using Dreamer.Spaces;

namespace Dreamer.Environments;

/// <summary>An environment broke down and may not be restarted (any more).</summary>
public sealed class EnvironmentFailedException(int slot, Exception cause)
    : Exception($"Environment {slot} broke down and was not restarted: {cause.Message}", cause), IPlainError
{
    /// <summary>Which of the environments stepped side by side.</summary>
    public int Slot { get; } = slot;
}
