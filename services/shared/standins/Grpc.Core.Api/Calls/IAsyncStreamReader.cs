namespace Grpc.Core;

/// <summary>Messages that arrive one after the other.</summary>
public interface IAsyncStreamReader<out T>
{
    /// <summary>The message that the last <see cref="MoveNext"/> brought.</summary>
    T Current { get; }

    /// <summary>Waits for the next message; false at the end of the stream.</summary>
    Task<bool> MoveNext(CancellationToken cancellationToken);
}
