namespace Grpc.Core;

/// <summary>What every kind of call offers beside its messages.</summary>
internal readonly struct AsyncCallState(
    Func<object, Task<Metadata>> responseHeadersAsync,
    Func<object, Status> getStatus,
    Func<object, Metadata> getTrailers,
    Action<object> dispose,
    object state)
{
    public AsyncCallState(Task<Metadata> responseHeadersAsync, Func<Status> getStatus, Func<Metadata> getTrailers, Action dispose)
        : this(
            static state => ((Callbacks)state).Headers,
            static state => ((Callbacks)state).Status(),
            static state => ((Callbacks)state).Trailers(),
            static state => ((Callbacks)state).Dispose(),
            new Callbacks(responseHeadersAsync, getStatus, getTrailers, dispose))
    {
    }

    public Task<Metadata> ResponseHeadersAsync() => responseHeadersAsync(state);

    public Status GetStatus() => getStatus(state);

    public Metadata GetTrailers() => getTrailers(state);

    public void Dispose() => dispose(state);

    private sealed record Callbacks(Task<Metadata> Headers, Func<Status> Status, Func<Metadata> Trailers, Action Dispose);
}
