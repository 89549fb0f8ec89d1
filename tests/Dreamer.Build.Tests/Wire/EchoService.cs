using Grpc.Core;

namespace Dreamer.Build.Tests.Wire;

/// <summary>Serves <c>echo.proto</c>.</summary>
internal sealed class EchoService(EchoLog log) : Echo.EchoBase
{
    public override async Task<EchoMessage> Unary(EchoMessage request, ServerCallContext context)
    {
        log.Add("method");
        await context.WriteResponseHeadersAsync([.. context.RequestHeaders.Where(entry => entry.Key.StartsWith("x-", StringComparison.Ordinal))]);
        context.ResponseTrailers.Add("count", "1");
        context.ResponseTrailers.Add("raw-bin", [0, 255, 7]);
        return request;
    }

    public override async Task<EchoMessage> ClientStream(IAsyncStreamReader<EchoMessage> requestStream, ServerCallContext context)
    {
        var sum = 0L;
        await foreach (var message in requestStream.ReadAllAsync(context.CancellationToken))
        {
            sum += message.Number;
        }

        return new EchoMessage { Number = sum };
    }

    public override async Task ServerStream(EchoMessage request, IServerStreamWriter<EchoMessage> responseStream, ServerCallContext context)
    {
        for (var number = 0L; number < request.Number; number++)
        {
            await responseStream.WriteAsync(new EchoMessage { Number = number }, context.CancellationToken);
        }

        context.ResponseTrailers.Add("sent", request.Number.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    public override async Task Duplex(
        IAsyncStreamReader<EchoMessage> requestStream, IServerStreamWriter<EchoMessage> responseStream, ServerCallContext context)
    {
        while (await requestStream.MoveNext())
        {
            await responseStream.WriteAsync(requestStream.Current);
        }
    }

    public override async Task<EchoMessage> Hang(EchoMessage request, ServerCallContext context)
    {
        log.Deadline = context.Deadline;
        log.Started.TrySetResult();
        try
        {
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        }
        finally
        {
            log.Ended.TrySetResult(context.CancellationToken.IsCancellationRequested);
        }

        return request;
    }

    public override Task<EchoMessage> Fail(EchoMessage request, ServerCallContext context)
    {
        if (request.Text == "unhandled")
        {
            throw new InvalidOperationException("a secret of the server");
        }

        throw new RpcException(new Status(StatusCode.FailedPrecondition, request.Text), new Metadata { { "remedy", "wait" } });
    }
}
