using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Logging;

namespace Dreamer.Hosting.Edge;

/// <summary>Turns exceptions into statuses in one place: mapped ones keep their message, others are logged and say nothing of the inside.</summary>
public sealed partial class ErrorInterceptor(ErrorMap errors, ILogger<ErrorInterceptor> logger) : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
        Guard(context, () => continuation(request, context));

    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation) =>
        Guard(context, () => continuation(requestStream, context));

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        Guard(context, () => Nothing(continuation(request, responseStream, context)));

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
        Guard(context, () => Nothing(continuation(requestStream, responseStream, context)));

    private static async Task<bool> Nothing(Task task)
    {
        await task;
        return true;
    }

    private async Task<T> Guard<T>(ServerCallContext context, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (RpcException)
        {
            throw;
        }
        catch (Exception error) when (errors.StatusOf(error) is { } status)
        {
            LogRefused(context.Method, context.Peer, status.StatusCode, error.Message);
            throw new RpcException(status);
        }
        catch (IndexOutOfRangeException error) when (error.StackTrace?.TrimStart().StartsWith("at Google.Protobuf.", StringComparison.Ordinal) == true)
        {
            // How the older parser meets a message that ends inside a number.
            LogRefused(context.Method, context.Peer, StatusCode.InvalidArgument, error.Message);
            throw new RpcException(new Status(StatusCode.InvalidArgument, "the message ends too early"));
        }
        catch (Exception error) when (context.CancellationToken.IsCancellationRequested)
        {
            // The peer has gone; whatever the call was doing then failed because of that.
            throw new RpcException(new Status(StatusCode.Cancelled, "the call was cancelled", error));
        }
        catch (OperationCanceledException)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "the service is stopping"));
        }
        catch (Exception error)
        {
            LogFailed(error, context.Method, context.Peer);
            throw new RpcException(new Status(StatusCode.Internal, "internal error; the service's log has the details"));
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "{Rpc} from {Peer} refused with {Status}: {Reason}")]
    private partial void LogRefused(string rpc, string peer, StatusCode status, string reason);

    [LoggerMessage(EventId = 2, Level = LogLevel.Error, Message = "{Rpc} from {Peer} failed")]
    private partial void LogFailed(Exception error, string rpc, string peer);
}
