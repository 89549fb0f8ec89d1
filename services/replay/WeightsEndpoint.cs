using Dreamer.Contracts;
using Grpc.Core;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.Replay;

/// <summary>Takes weights from the learner and streams the newest to whoever subscribes.</summary>
public sealed class WeightsEndpoint(WeightBoard weights) : V1.Weights.WeightsBase
{
    /// <inheritdoc/>
    public override async Task<V1.PublishReply> Publish(IAsyncStreamReader<V1.WeightFrame> requests, ServerCallContext context)
    {
        var blob = await WeightFrames.ReadAsync(requests, context.CancellationToken)
            ?? throw new InvalidMessageException("a publication begins with a header");
        return new V1.PublishReply { Version = await weights.PublishAsync(blob, context.CancellationToken) };
    }

    /// <inheritdoc/>
    public override async Task Subscribe(V1.SubscribeRequest request, IServerStreamWriter<V1.WeightFrame> replies, ServerCallContext context)
    {
        var version = request.AfterVersion;
        while (true)
        {
            var blob = await weights.NextAsync(version, context.CancellationToken);
            foreach (var frame in WeightFrames.Split(blob))
            {
                await replies.WriteAsync(frame, context.CancellationToken);
            }

            version = blob.Version;
        }
    }
}
