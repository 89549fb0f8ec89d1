using System.Net.Http;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Edge.Tls;
using Dreamer.Hosting.Settings;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;

namespace Dreamer.Hosting.Edge;

/// <summary>A client's connection to the replay service: one HTTP/2 connection that shows the token with each call.</summary>
public sealed class ReplayChannel : IDisposable
{
    private readonly GrpcChannel _channel;

    private ReplayChannel(GrpcChannel channel, WatchedFiles<string?> token)
    {
        _channel = channel;
        Invoker = token.Value is null ? channel.CreateCallInvoker() : channel.Intercept(headers =>
        {
            headers.Add("authorization", "Bearer " + token.Value);
            return headers;
        });
    }

    /// <summary>What generated clients are made from: <c>new Replay.ReplayClient(channel.Invoker)</c>.</summary>
    public CallInvoker Invoker { get; }

    /// <summary>Prepares the connection; nothing is sent yet.</summary>
    /// <param name="settings">Section <c>replay</c>.</param>
    /// <param name="addressSetting">Where its address was written.</param>
    /// <exception cref="ConfigurationException">The address is no URL, or <c>replay.token_file</c> or a file of <c>replay.tls</c> cannot be used.</exception>
    public static ReplayChannel Open(ReplaySettings settings, string addressSetting = "replay.address")
    {
        var token = new WatchedFiles<string?>([settings.TokenFile], () => TokenFile.Read("replay.token_file", settings.TokenFile), TimeProvider.System);
        if (!Uri.TryCreate(settings.Address, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw new ConfigurationException($"{addressSetting}: '{settings.Address}' is not a URL; write e.g. http://127.0.0.1:7400.");
        }

        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            // With a name looked up and TLS begun: on a machine that is busy that takes seconds, and to begin again would take as many.
            ConnectTimeout = TimeSpan.FromSeconds(settings.LostAfterSeconds),
            KeepAlivePingDelay = TimeSpan.FromSeconds(settings.LostAfterSeconds / 3),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(settings.LostAfterSeconds * 2 / 3),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            InitialHttp2StreamWindowSize = 8 << 20,
        };
        return new ReplayChannel(
            GrpcChannel.ForAddress(address, new GrpcChannelOptions
            {
                MaxReceiveMessageSize = settings.MaxMessageBytes,
                MaxSendMessageSize = settings.MaxMessageBytes,
                DisposeHttpClient = true,
                // A call that we gave up is no failure of the service.
                ThrowOperationCanceledOnCancellation = true,
                HttpHandler = ClientTls.Secure(handler, "replay.tls", settings.Tls, addressSetting, TimeProvider.System),
            }),
            token);
    }

    public void Dispose() => _channel.Dispose();
}
