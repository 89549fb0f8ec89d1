using Dreamer.Contracts;
using Dreamer.Hosting.Settings;
using Grpc.Core;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.Replay;

/// <summary>Takes weights from the learner and streams the newest to whoever subscribes.</summary>
public sealed class WeightsEndpoint(WeightBoard weights, ReplaySettings settings) : V1.Weights.WeightsBase
{
    /// <inheritdoc/>
    public override async Task<V1.PublishReply> Publish(IAsyncStreamReader<V1.WeightFrame> requests, ServerCallContext context)
    {
        var version = await weights.PublishAsync(
            async () => await WeightFrames.ReadAsync(requests, context.CancellationToken, settings.Limits.WeightsBytes)
                ?? throw new InvalidMessageException("a publication begins with a header"),
            context.CancellationToken);
        return new V1.PublishReply { Version = version };
    }

    /// <inheritdoc/>
    public override Task Subscribe(V1.SubscribeRequest request, IServerStreamWriter<V1.WeightFrame> replies, ServerCallContext context) =>
        WeightFrames.StreamAsync(weights.NextAsync, request.AfterVersion, replies, context.CancellationToken);
}
