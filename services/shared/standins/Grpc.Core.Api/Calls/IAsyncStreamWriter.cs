namespace Grpc.Core;

/// <summary>Messages that leave one after the other.</summary>
public interface IAsyncStreamWriter<in T>
{
    /// <summary>How the next messages are written.</summary>
    WriteOptions? WriteOptions { get; set; }

    /// <summary>Sends a message; only one write may be under way.</summary>
    Task WriteAsync(T message);

    /// <summary>Sends a message unless cancelled first.</summary>
    Task WriteAsync(T message, CancellationToken cancellationToken) => cancellationToken.CanBeCanceled
        ? throw new NotSupportedException("Cancellation of stream writes is not supported by this gRPC implementation.")
        : WriteAsync(message);
}
