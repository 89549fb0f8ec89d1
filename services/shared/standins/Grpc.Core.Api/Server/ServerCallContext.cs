namespace Grpc.Core;

/// <summary>The call that a service method serves.</summary>
public abstract class ServerCallContext
{
    private Dictionary<object, object>? _userState;

    /// <summary>Called by transports.</summary>
    protected ServerCallContext()
    {
    }

    /// <summary>The path that was called.</summary>
    public string Method => MethodCore;

    /// <summary>The host that was called.</summary>
    public string Host => HostCore;

    /// <summary>The caller's address.</summary>
    public string Peer => PeerCore;

    /// <summary>When the caller stops waiting, in UTC; <see cref="DateTime.MaxValue"/> for never.</summary>
    public DateTime Deadline => DeadlineCore;

    /// <summary>What the caller sent first.</summary>
    public Metadata RequestHeaders => RequestHeadersCore;

    /// <summary>Cancelled when the caller goes away or the deadline passes.</summary>
    public CancellationToken CancellationToken => CancellationTokenCore;

    /// <summary>Sent after the last response.</summary>
    public Metadata ResponseTrailers => ResponseTrailersCore;

    /// <summary>How the call ends when the method returns.</summary>
    public Status Status
    {
        get => StatusCore;
        set => StatusCore = value;
    }

    /// <summary>How responses are written.</summary>
    public WriteOptions? WriteOptions
    {
        get => WriteOptionsCore;
        set => WriteOptionsCore = value;
    }

    /// <summary>What the caller proved about itself.</summary>
    public AuthContext AuthContext => AuthContextCore;

    /// <summary>Room for interceptors to leave something for the method.</summary>
    public IDictionary<object, object> UserState => UserStateCore;

    /// <summary>What <see cref="Method"/> returns.</summary>
    protected abstract string MethodCore { get; }

    /// <summary>What <see cref="Host"/> returns.</summary>
    protected abstract string HostCore { get; }

    /// <summary>What <see cref="Peer"/> returns.</summary>
    protected abstract string PeerCore { get; }

    /// <summary>What <see cref="Deadline"/> returns.</summary>
    protected abstract DateTime DeadlineCore { get; }

    /// <summary>What <see cref="RequestHeaders"/> returns.</summary>
    protected abstract Metadata RequestHeadersCore { get; }

    /// <summary>What <see cref="CancellationToken"/> returns.</summary>
    protected abstract CancellationToken CancellationTokenCore { get; }

    /// <summary>What <see cref="ResponseTrailers"/> returns.</summary>
    protected abstract Metadata ResponseTrailersCore { get; }

    /// <summary>What <see cref="Status"/> reads and writes.</summary>
    protected abstract Status StatusCore { get; set; }

    /// <summary>What <see cref="WriteOptions"/> reads and writes.</summary>
    protected abstract WriteOptions? WriteOptionsCore { get; set; }

    /// <summary>What <see cref="AuthContext"/> returns.</summary>
    protected abstract AuthContext AuthContextCore { get; }

    /// <summary>What <see cref="UserState"/> returns.</summary>
    protected virtual IDictionary<object, object> UserStateCore => _userState ??= [];

    /// <summary>Sends headers now, before the first response.</summary>
    public Task WriteResponseHeadersAsync(Metadata responseHeaders) => WriteResponseHeadersAsyncCore(responseHeaders);

    /// <summary>Makes a token that hands this call's deadline and cancellation to calls made on its behalf.</summary>
    public ContextPropagationToken CreatePropagationToken(ContextPropagationOptions? options = null) =>
        CreatePropagationTokenCore(options);

    /// <summary>What <see cref="WriteResponseHeadersAsync"/> does.</summary>
    protected abstract Task WriteResponseHeadersAsyncCore(Metadata responseHeaders);

    /// <summary>What <see cref="CreatePropagationToken"/> does.</summary>
    protected abstract ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options);
}
