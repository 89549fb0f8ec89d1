using Dreamer.Environments;
using Dreamer.Remote.Server;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using V1 = Dreamer.Remote.V1;

namespace Dreamer.Remote;

/// <summary>Serves one of our environments over dm_env_rpc, to any number of streams at once: each has a world of its own.</summary>
/// <param name="make">Builds an environment from a seed; called once per world.</param>
/// <param name="seed">For worlds that ask for none: the first gets this one, the next one more.</param>
/// <param name="logger">Says who comes and goes, and what breaks down.</param>
public sealed partial class EnvironmentService(Func<ulong, IEnvironment> make, ulong seed, ILogger<EnvironmentService> logger) : V1.Environment.EnvironmentBase
{
    private long _sessions = -1;

    /// <summary>Answers requests in order until the client closes the stream or is gone; the world ends with it.</summary>
    public override async Task Process(
        IAsyncStreamReader<V1.EnvironmentRequest> requestStream, IServerStreamWriter<V1.EnvironmentResponse> responseStream, ServerCallContext context)
    {
        var number = Interlocked.Increment(ref _sessions);
        using var session = new EnvironmentSession(number, make, seed);
        LogOpened(number, context.Peer);
        try
        {
            while (await requestStream.MoveNext(context.CancellationToken))
            {
                await responseStream.WriteAsync(Answer(session, number, requestStream.Current), context.CancellationToken);
            }

            LogClosed(number);
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException || context.CancellationToken.IsCancellationRequested)
        {
            LogLost(number, gone.Message);
        }
    }

    private V1.EnvironmentResponse Answer(EnvironmentSession session, long number, V1.EnvironmentRequest request)
    {
        try
        {
            return session.Answer(request);
        }
        catch (RequestRefusedException refusal)
        {
            return new() { Error = new() { Code = (int)refusal.Code, Message = refusal.Message } };
        }
        catch (Exception failure)
        {
            LogFailed(failure, number, request.PayloadCase);
            return new() { Error = new() { Code = (int)StatusCode.Internal, Message = $"the environment broke down: {failure.Message}" } };
        }
    }

    [LoggerMessage(1, LogLevel.Information, "session {Session} opened by {Peer}")]
    private partial void LogOpened(long session, string peer);

    [LoggerMessage(2, LogLevel.Information, "session {Session} closed")]
    private partial void LogClosed(long session);

    [LoggerMessage(3, LogLevel.Warning, "session {Session} ended without a farewell: {Reason}")]
    private partial void LogLost(long session, string reason);

    [LoggerMessage(4, LogLevel.Error, "the environment of session {Session} broke down at {Request}")]
    private partial void LogFailed(Exception failure, long session, V1.EnvironmentRequest.PayloadOneofCase request);
}
