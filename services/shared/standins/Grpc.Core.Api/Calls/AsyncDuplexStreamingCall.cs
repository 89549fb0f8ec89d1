namespace Grpc.Core;

/// <summary>Many requests under way to many responses.</summary>
public sealed class AsyncDuplexStreamingCall<TRequest, TResponse> : IDisposable
{
    private readonly AsyncCallState _call;

    /// <summary>Made by transports.</summary>
    public AsyncDuplexStreamingCall(
        IClientStreamWriter<TRequest> requestStream,
        IAsyncStreamReader<TResponse> responseStream,
        Task<Metadata> responseHeadersAsync,
        Func<Status> getStatusFunc,
        Func<Metadata> getTrailersFunc,
        Action disposeAction)
    {
        RequestStream = requestStream;
        ResponseStream = responseStream;
        _call = new AsyncCallState(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction);
    }

    /// <summary>Made by transports; the callbacks share one state instead of a closure each.</summary>
    public AsyncDuplexStreamingCall(
        IClientStreamWriter<TRequest> requestStream,
        IAsyncStreamReader<TResponse> responseStream,
        Func<object, Task<Metadata>> responseHeadersAsync,
        Func<object, Status> getStatusFunc,
        Func<object, Metadata> getTrailersFunc,
        Action<object> disposeAction,
        object state)
    {
        RequestStream = requestStream;
        ResponseStream = responseStream;
        _call = new AsyncCallState(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction, state);
    }

    /// <summary>The requests to send.</summary>
    public IClientStreamWriter<TRequest> RequestStream { get; }

    /// <summary>The responses that arrive.</summary>
    public IAsyncStreamReader<TResponse> ResponseStream { get; }

    /// <summary>The headers that the server sends before the first response.</summary>
    public Task<Metadata> ResponseHeadersAsync => _call.ResponseHeadersAsync();

    /// <summary>How the call ended.</summary>
    /// <exception cref="InvalidOperationException">It has not ended yet.</exception>
    public Status GetStatus() => _call.GetStatus();

    /// <summary>What the server sent last.</summary>
    /// <exception cref="InvalidOperationException">The call has not ended yet.</exception>
    public Metadata GetTrailers() => _call.GetTrailers();

    /// <summary>Cancels the call if it is still under way, and frees it.</summary>
    public void Dispose() => _call.Dispose();
}
