using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace Dreamer.System.Tests.Fuzz;

/// <summary>Calls whose messages are any bytes.</summary>
internal static class RawCalls
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create<byte[]>(bytes => bytes, bytes => bytes);

    /// <summary>Sends the messages and half-closes; the answers until the call ends, or until there are as many as wanted.</summary>
    /// <exception cref="RpcException">How the call ended, where that is not well.</exception>
    public static async Task<List<byte[]>> SendAsync(
        CallInvoker invoker, MethodDescriptor rpc, IEnumerable<byte[]> messages, int wanted, Metadata? headers, CancellationToken cancellation)
    {
        // Every kind of call is a duplex one on the wire.
        var method = new Method<byte[], byte[]>(MethodType.DuplexStreaming, rpc.Service.FullName, rpc.Name, Bytes, Bytes);
        using var call = invoker.AsyncDuplexStreamingCall(method, null, new CallOptions(headers, cancellationToken: cancellation));
        try
        {
            foreach (var message in messages)
            {
                await call.RequestStream.WriteAsync(message, cancellation);
            }

            await call.RequestStream.CompleteAsync();
        }
        catch (Exception ended) when (ended is InvalidOperationException or RpcException or IOException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            // Refused before all of it was sent; the response says why.
        }

        var answers = new List<byte[]>();
        try
        {
            while (answers.Count < wanted && await call.ResponseStream.MoveNext(cancellation))
            {
                answers.Add(call.ResponseStream.Current);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new RpcException(call.GetStatus());
        }
        catch (IOException reset)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, reset.Message));
        }

        return answers;
    }

    /// <summary>A message of that kind, null where the bytes are none.</summary>
    public static T? Parse<T>(MessageParser<T> parser, byte[] bytes) where T : class, IMessage<T>
    {
        try
        {
            return parser.ParseFrom(bytes);
        }
        catch (Exception malformed) when (malformed is InvalidProtocolBufferException or IndexOutOfRangeException)
        {
            return null;
        }
    }
}
