using Dreamer.Experience;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Dreamer.Contracts.Clients;

/// <summary>Hands scores in at the replay service; repeats while it is away.</summary>
/// <param name="actor">Name in the status.</param>
public sealed partial class GrpcEvaluationLog(
    V1.Experience.ExperienceClient client, string actor, TimeProvider time, ILogger<GrpcEvaluationLog> logger) : IEvaluationLog
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

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
            catch (RpcException away) when (GrpcReplay.IsAway(away))
            {
                Log.Away(logger, away.StatusCode, away.Status.Detail);
                await Task.Delay(RetryDelay, time, cancellation);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                Log.Away(logger, StatusCode.Unavailable, "the call was cut off");
                await Task.Delay(RetryDelay, time, cancellation);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "replay service not reached ({Status}: {Detail}); trying again")]
        public static partial void Away(ILogger logger, StatusCode status, string detail);
    }
}
