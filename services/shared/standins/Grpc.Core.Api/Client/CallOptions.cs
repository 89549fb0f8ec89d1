namespace Grpc.Core;

/// <summary>How one call is made. Each <c>With</c> method returns a changed copy.</summary>
public struct CallOptions(
    Metadata? headers = null,
    DateTime? deadline = null,
    CancellationToken cancellationToken = default,
    WriteOptions? writeOptions = null,
    ContextPropagationToken? propagationToken = null,
    CallCredentials? credentials = null)
{
    /// <summary>Sent before the first request.</summary>
    public Metadata? Headers { get; private set; } = headers;

    /// <summary>When the call fails with <see cref="StatusCode.DeadlineExceeded"/>, in UTC; null for never.</summary>
    public DateTime? Deadline { get; private set; } = deadline;

    /// <summary>Cancels the call.</summary>
    public CancellationToken CancellationToken { get; private set; } = cancellationToken;

    /// <summary>How requests are written.</summary>
    public WriteOptions? WriteOptions { get; private set; } = writeOptions;

    /// <summary>Hands on the deadline and cancellation of the call being served.</summary>
    public ContextPropagationToken? PropagationToken { get; private set; } = propagationToken;

    /// <summary>Who is calling.</summary>
    public CallCredentials? Credentials { get; private set; } = credentials;

    /// <summary>Whether to wait for a connection instead of failing with <see cref="StatusCode.Unavailable"/>.</summary>
    public bool IsWaitForReady { get; private set; }

    /// <summary>With these headers.</summary>
    public readonly CallOptions WithHeaders(Metadata headers) => this with { Headers = headers };

    /// <summary>With this deadline, in UTC.</summary>
    public readonly CallOptions WithDeadline(DateTime deadline) => this with { Deadline = deadline };

    /// <summary>With this cancellation.</summary>
    public readonly CallOptions WithCancellationToken(CancellationToken cancellationToken) =>
        this with { CancellationToken = cancellationToken };

    /// <summary>With these wishes for writes.</summary>
    public readonly CallOptions WithWriteOptions(WriteOptions writeOptions) => this with { WriteOptions = writeOptions };

    /// <summary>On behalf of the call that made the token.</summary>
    public readonly CallOptions WithPropagationToken(ContextPropagationToken propagationToken) =>
        this with { PropagationToken = propagationToken };

    /// <summary>With these credentials.</summary>
    public readonly CallOptions WithCredentials(CallCredentials credentials) => this with { Credentials = credentials };

    /// <summary>Waiting for a connection, or not.</summary>
    public readonly CallOptions WithWaitForReady(bool waitForReady = true) => this with { IsWaitForReady = waitForReady };
}
