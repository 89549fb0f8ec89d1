namespace Grpc.Core;

/// <summary>How a call ended, with a text for people.</summary>
public struct Status(StatusCode statusCode, string detail, Exception? debugException)
{
    /// <summary>Ended well.</summary>
    public static readonly Status DefaultSuccess = new(StatusCode.OK, "");

    /// <summary>Cancelled by the caller.</summary>
    public static readonly Status DefaultCancelled = new(StatusCode.Cancelled, "");

    /// <summary>A status without a local cause.</summary>
    public Status(StatusCode statusCode, string detail)
        : this(statusCode, detail, null)
    {
    }

    /// <summary>The code.</summary>
    public StatusCode StatusCode { get; } = statusCode;

    /// <summary>The text that travels with it.</summary>
    public string Detail { get; } = detail;

    /// <summary>The local cause, for logs; never sent.</summary>
    public Exception? DebugException { get; } = debugException;

    /// <inheritdoc/>
    public override readonly string ToString() => DebugException is null
        ? $"Status(StatusCode=\"{StatusCode}\", Detail=\"{Detail}\")"
        : $"Status(StatusCode=\"{StatusCode}\", Detail=\"{Detail}\", DebugException=\"{DebugException.GetType()}: {DebugException.Message}\")";
}
