namespace Grpc.Core;

/// <summary>What a <see cref="ContextPropagationToken"/> hands on.</summary>
public class ContextPropagationOptions(bool propagateDeadline = true, bool propagateCancellation = true)
{
    /// <summary>Both.</summary>
    public static readonly ContextPropagationOptions Default = new();

    /// <summary>Whether the deadline is handed on.</summary>
    public bool IsPropagateDeadline { get; } = propagateDeadline;

    /// <summary>Whether cancellation is handed on.</summary>
    public bool IsPropagateCancellation { get; } = propagateCancellation;
}
