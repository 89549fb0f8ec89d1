using Dreamer.Contracts;
using Dreamer.Contracts.Clients;
using Grpc.Core;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.Replay;

/// <summary>Streams the newest weights that a relay has to whoever subscribes; it takes none.</summary>
public sealed class RelayEndpoint(GrpcPolicyFeed upstream) : V1.Weights.WeightsBase
{
    /// <inheritdoc/>
    public override Task Subscribe(V1.SubscribeRequest request, IServerStreamWriter<V1.WeightFrame> replies, ServerCallContext context) =>
        WeightFrames.StreamAsync(upstream.NextAsync, request.AfterVersion, replies, context.CancellationToken);
}
