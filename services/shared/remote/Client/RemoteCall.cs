using System.Net.Http;
using Dreamer.Environments;
using Dreamer.Hosting;
using Dreamer.Hosting.Edge;
using Dreamer.Hosting.Edge.Tls;
using Grpc.Core;
using Grpc.Net.Client;
using V1 = Dreamer.Remote.V1;

namespace Dreamer.Remote.Client;

/// <summary>
/// One session with a server: a request, then its response. Every way in which the other end can fail becomes a
/// <see cref="RemoteEnvironmentException"/>; after one the session is over, except where the server refused a request.
/// </summary>
internal sealed class RemoteCall : IDisposable
{
    private const int LargestResponse = 64 << 20;
    private static readonly TimeSpan FarewellPatience = TimeSpan.FromSeconds(2);

    private readonly RemoteAddress _address;
    private readonly TimeProvider _time;
    private readonly GrpcChannel _channel;
    private readonly AsyncDuplexStreamingCall<V1.EnvironmentRequest, V1.EnvironmentResponse> _call;
    private bool _answered;
    private bool _over;

    /// <summary>Connects; tries again until the server is there.</summary>
    /// <exception cref="RemoteEnvironmentException">Nobody listens there within the patience.</exception>
    /// <exception cref="UserErrorException">A token or certificate cannot be used; the message names the setting.</exception>
    public RemoteCall(RemoteAddress address, RemoteOptions options, TimeProvider time)
    {
        (_address, _time) = (address, time);
        var patience = TimeSpan.FromSeconds(options.ConnectTimeoutSeconds);
        var token = TokenFile.Read("env.remote.token_file", options.TokenFile);
        var handler = new SocketsHttpHandler
        {
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            KeepAlivePingDelay = TimeSpan.FromSeconds(10),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(20),
            InitialHttp2StreamWindowSize = 1 << 20,
        };
        _channel = GrpcChannel.ForAddress(address.Url(tls: options.Tls.CaFile.Length > 0), new GrpcChannelOptions
        {
            MaxReceiveMessageSize = LargestResponse,
            InitialReconnectBackoff = TimeSpan.FromMilliseconds(100),
            MaxReconnectBackoff = TimeSpan.FromSeconds(1),
            DisposeHttpClient = true,
            HttpHandler = ClientTls.Secure(handler, "env.remote.tls", options.Tls, "env.name", TimeProvider.System, addressIsUrl: false),
        });
        try
        {
            using var watchdog = new CancellationTokenSource(patience, _time);
            _channel.ConnectAsync(watchdog.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException late)
        {
            _channel.Dispose();
            throw new RemoteEnvironmentException(
                $"env.name: nobody listens at {address}; waited for {patience.TotalSeconds:0.###} s (env.remote.connect_timeout_seconds). Start the server or correct the address.", late);
        }

        // Without headers: some servers send theirs with the first response only.
        _call = new V1.Environment.EnvironmentClient(_channel).Process(token is null ? null : new Metadata { { "authorization", "Bearer " + token } });
    }

    /// <summary>Sends a request and waits for its response.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="patience">After this the other end counts as hung.</param>
    /// <param name="setting">Key of the patience, for the error.</param>
    /// <exception cref="RemoteEnvironmentException">Refused, silent, closed, or no dm_env_rpc at all.</exception>
    public V1.EnvironmentResponse Ask(V1.EnvironmentRequest request, TimeSpan patience, string setting)
    {
        V1.EnvironmentResponse response;
        try
        {
            response = Exchange(request, patience, setting);
        }
        catch (RemoteEnvironmentException)
        {
            _over = true;
            throw;
        }

        if (response.Error is { } error)
        {
            throw new RemoteEnvironmentException($"{_address} refused {request.PayloadCase}: {error.Message.Trim().TrimEnd('.')} (code {error.Code}).");
        }

        if ((int)response.PayloadCase != (int)request.PayloadCase)
        {
            _over = true;
            throw new RemoteEnvironmentException($"{_address} answered {request.PayloadCase} with {response.PayloadCase}: it does not keep to dm_env_rpc.");
        }

        return response;
    }

    /// <summary>Takes leave with these requests, where there is still someone to hear them, and closes the stream.</summary>
    public void Close(IEnumerable<V1.EnvironmentRequest> farewell)
    {
        try
        {
            foreach (var request in farewell)
            {
                if (_over)
                {
                    return;
                }

                Ask(request, FarewellPatience, "");
            }

            if (!_over)
            {
                _over = true;
                using var watchdog = new CancellationTokenSource(FarewellPatience);
                _call.RequestStream.CompleteAsync().WaitAsync(watchdog.Token).GetAwaiter().GetResult();
                _call.ResponseStream.MoveNext(watchdog.Token).GetAwaiter().GetResult();
            }
        }
        catch (Exception error) when (error is IOException or RpcException or OperationCanceledException or InvalidOperationException)
        {
            // Whoever does not hear the farewell sees the stream end.
        }
        finally
        {
            Dispose();
        }
    }

    /// <summary>Ends the session at once.</summary>
    public void Dispose()
    {
        _over = true;
        _call.Dispose();
        _channel.Dispose();
    }

    private V1.EnvironmentResponse Exchange(V1.EnvironmentRequest request, TimeSpan patience, string setting)
    {
        if (_over)
        {
            throw new RemoteEnvironmentException($"the session with {_address} is over.");
        }

        using var watchdog = new CancellationTokenSource(patience, _time);
        try
        {
            _call.RequestStream.WriteAsync(request, watchdog.Token).GetAwaiter().GetResult();
            if (!_call.ResponseStream.MoveNext(watchdog.Token).GetAwaiter().GetResult())
            {
                throw new RemoteEnvironmentException($"{_address} ended the session.");
            }
        }
        catch (Exception error) when (error is RpcException or OperationCanceledException or InvalidOperationException or (IOException and not RemoteEnvironmentException))
        {
            throw Explain(request, error, watchdog.IsCancellationRequested ? $"{setting}: {_address} did not answer {request.PayloadCase} within {patience.TotalSeconds:0.###} s" : null);
        }

        _answered = true;
        return _call.ResponseStream.Current;
    }

    private RemoteEnvironmentException Explain(V1.EnvironmentRequest request, Exception error, string? late)
    {
        if (late is not null)
        {
            return new RemoteEnvironmentException($"{late}; the environment hangs, or its steps take longer than this setting allows.", error);
        }

        // A write to a stream that the other end has closed says nothing of why; the status does.
        var status = error is RpcException { StatusCode: not StatusCode.Cancelled } rpc ? rpc.Status : Ended(error);
        if (status.StatusCode is StatusCode.Unauthenticated or StatusCode.PermissionDenied or StatusCode.ResourceExhausted)
        {
            return new RemoteEnvironmentException($"{_address} lets nobody in: {status.Detail.Trim().TrimEnd('.')}.", error);
        }

        return _answered || status.StatusCode == StatusCode.Cancelled
            ? new RemoteEnvironmentException($"the connection with {_address} broke at {request.PayloadCase}: {status.Detail.Trim().TrimEnd('.')}.", error)
            : new RemoteEnvironmentException($"env.name: what listens at {_address} does not speak dm_env_rpc ({status.StatusCode}: {status.Detail.Trim().TrimEnd('.')}).", error);
    }

    private Status Ended(Exception error)
    {
        try
        {
            using var watchdog = new CancellationTokenSource(FarewellPatience);
            while (_call.ResponseStream.MoveNext(watchdog.Token).GetAwaiter().GetResult())
            {
            }

            return _call.GetStatus();
        }
        catch (RpcException ended)
        {
            return ended.Status;
        }
        catch (Exception late) when (late is OperationCanceledException or InvalidOperationException or IOException)
        {
            return error is RpcException rpc ? rpc.Status : new Status(StatusCode.Unavailable, error.Message);
        }
    }
}
