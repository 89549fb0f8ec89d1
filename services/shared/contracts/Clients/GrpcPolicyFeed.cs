using Dreamer.Policies;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Dreamer.Contracts.Clients;

/// <summary>
/// Policy weights over gRPC. Reading keeps one subscription open, verifies each version and holds the newest; what
/// arrives damaged is counted and the old weights stay. Publishing repeats until the service has the version.
/// </summary>
public sealed partial class GrpcPolicyFeed(V1.Weights.WeightsClient client, TimeProvider time, ILogger<GrpcPolicyFeed> logger)
    : IPolicyFeed, IAsyncDisposable
{
    private readonly PolicyMailbox newest = new();
    private readonly CancellationTokenSource stop = new();
    private readonly Lock gate = new();
    private readonly TaskCompletionSource<PolicyBlob> refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? subscription;
    private long damaged;

    /// <summary>A version arrived damaged and is not used.</summary>
    public event Action? Rejected;

    /// <summary>Versions that arrived damaged and were not used.</summary>
    public long Damaged => Interlocked.Read(ref damaged);

    /// <summary>True once a version has arrived.</summary>
    public bool HasWeights => newest.Latest is not null;

    /// <inheritdoc/>
    public async Task<long> PublishAsync(PolicyBlob blob, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                using var call = client.Publish(cancellationToken: cancellationToken);
                await SendAsync(call.RequestStream, blob, cancellationToken);
                return (await call.ResponseAsync).Version;
            }
            catch (Exception away) when (ServiceAway.Explains(away, cancellationToken))
            {
                Log.Away(logger, ServiceAway.Reason(away));
                await Task.Delay(ServiceAway.RetryDelay, time, cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    /// <exception cref="RpcException">The service refuses this reader: a wrong token.</exception>
    public async ValueTask<PolicyBlob> NextAsync(long afterVersion, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            subscription ??= Task.Run(() => SubscribeAsync(stop.Token), CancellationToken.None);
        }

        return await await Task.WhenAny(newest.NextAsync(afterVersion, cancellationToken).AsTask(), refused.Task);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        if (subscription is not null)
        {
            await subscription;
        }

        stop.Dispose();
    }

    private static async Task SendAsync(IClientStreamWriter<V1.WeightFrame> frames, PolicyBlob blob, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var frame in WeightFrames.Split(blob))
            {
                await frames.WriteAsync(frame, cancellationToken);
            }

            await frames.CompleteAsync();
        }
        catch (Exception ended) when (ServiceAway.EndsSending(ended))
        {
            // The call is over; its response says why.
        }
    }

    private async Task SubscribeAsync(CancellationToken cancellationToken)
    {
        var version = -1L;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                using var call = client.Subscribe(new V1.SubscribeRequest { AfterVersion = version }, cancellationToken: cancellationToken);
                while (await WeightFrames.ReadAsync(call.ResponseStream, cancellationToken) is { } blob)
                {
                    version = blob.Version;
                    await newest.PublishAsync(blob, cancellationToken);
                }
            }
            catch (PolicyFormatException broken)
            {
                Interlocked.Increment(ref damaged);
                Rejected?.Invoke();
                Log.Damaged(logger, broken.Message);
            }
            catch (RpcException refusal) when (refusal.StatusCode is StatusCode.Unauthenticated or StatusCode.PermissionDenied)
            {
                refused.TrySetException(refusal);
                return;
            }
            catch (Exception ended) when ((ended is OperationCanceledException or RpcException) && cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (RpcException away)
            {
                Log.Away(logger, ServiceAway.Reason(away));
            }
            catch (Exception cutOff)
            {
                // The connection gave the call up, or something that nobody thought of: asking again is better than to wait for ever.
                Log.Away(logger, cutOff.Message);
            }

            try
            {
                await Task.Delay(ServiceAway.RetryDelay, time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "weights not reached ({Reason}); trying again")]
        public static partial void Away(ILogger logger, string reason);

        [LoggerMessage(2, LogLevel.Warning, "a weights version arrived damaged, the old one stays in use: {Reason}")]
        public static partial void Damaged(ILogger logger, string reason);
    }
}
