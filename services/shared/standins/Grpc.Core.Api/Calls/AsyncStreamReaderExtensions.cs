namespace Grpc.Core;

/// <summary>Short forms for readers.</summary>
public static class AsyncStreamReaderExtensions
{
    /// <summary>Waits for the next message; false at the end of the stream.</summary>
    public static Task<bool> MoveNext<T>(this IAsyncStreamReader<T> streamReader)
        where T : class => streamReader.MoveNext(CancellationToken.None);
}
