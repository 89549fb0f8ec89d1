using Dreamer.Hosting.Edge.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Dreamer.Hosting.Edge;

/// <summary>The two addresses of a service; either may be null.</summary>
/// <param name="Grpc">HTTP/2.</param>
/// <param name="Health">HTTP/1 with health and metrics, without TLS.</param>
public sealed record ServiceEndpoints(ListenAddress? Grpc, ListenAddress? Health)
{
    private const string Marker = "dreamer.health";

    private int _connections;

    /// <summary>TLS of the gRPC address, null for none.</summary>
    public ServerTls? Tls { get; init; }

    /// <summary>Connections to the gRPC address at a time, 0 for any number; further ones are closed before they say anything.</summary>
    public int MaxConnections { get; init; }

    /// <summary>Told when a connection was closed for being one too many.</summary>
    public event Action? Turned;

    /// <summary>A client that has been silent for so long counts as lost; at least 3 s.</summary>
    public TimeSpan LostAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Both that exist.</summary>
    public IEnumerable<ListenAddress> All => new[] { Grpc, Health }.OfType<ListenAddress>();

    /// <summary>Whether a connection came in on the health address.</summary>
    internal static bool IsHealth(IDictionary<object, object?> connectionItems) => connectionItems.ContainsKey(Marker);

    internal void Configure(KestrelServerOptions kestrel)
    {
        // A push stream lives as long as its actor: Kestrel's 30 MB limit and minimum data rates would end it.
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;

        // Pings find half-open connections; large windows keep one stream at the speed of the link.
        kestrel.Limits.Http2.KeepAlivePingDelay = LostAfter / 3;
        kestrel.Limits.Http2.KeepAlivePingTimeout = LostAfter * 2 / 3;
        kestrel.Limits.Http2.InitialConnectionWindowSize = 16 << 20;
        kestrel.Limits.Http2.InitialStreamWindowSize = 8 << 20;

        Grpc?.Listen(kestrel, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.Use(Count);
            if (Tls is not null)
            {
                listen.UseHttps(Tls.ToOptions(LostAfter));
            }
        });
        Health?.Listen(kestrel, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.Use(next => connection =>
            {
                connection.Items[Marker] = true;
                return next(connection);
            });
        });
    }

    // Before TLS: a handshake is what costs most.
    private ConnectionDelegate Count(ConnectionDelegate next) => async connection =>
    {
        try
        {
            if (Interlocked.Increment(ref _connections) > MaxConnections && MaxConnections > 0)
            {
                Turned?.Invoke();
                connection.Abort();
            }
            else
            {
                await next(connection);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
        }
    };
}
