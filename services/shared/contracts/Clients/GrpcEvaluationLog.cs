using Dreamer.Experience;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Dreamer.Contracts.Clients;

/// <summary>Hands scores in at the replay service; repeats while it is away.</summary>
/// <param name="actor">Name in the status.</param>
public sealed partial class GrpcEvaluationLog(
    V1.Experience.ExperienceClient client, string actor, TimeProvider time, ILogger<GrpcEvaluationLog> logger) : IEvaluationLog
{
    /// <inheritdoc/>
    /// <exception cref="RpcException">The service refuses this actor or its episodes.</exception>
    public async ValueTask ReportAsync(IReadOnlyList<EvaluatedEpisode> episodes, CancellationToken cancellation)
    {
        var request = new V1.ReportRequest { Actor = actor, Episodes = { episodes.Select(Wire.ToMessage) } };
        while (true)
        {
            try
            {
                await client.ReportAsync(request, cancellationToken: cancellation);
                return;
            }
            catch (Exception away) when (ServiceAway.Explains(away, cancellation))
            {
                Log.Away(logger, ServiceAway.Reason(away));
                await Task.Delay(ServiceAway.RetryDelay, time, cancellation);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "replay service not reached ({Reason}); trying again")]
        public static partial void Away(ILogger logger, string reason);
    }
}
