using System.Diagnostics.Metrics;
using Dreamer.Hosting.Telemetry;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Dreamer.Hosting.Edge;

/// <summary>Server side: every call must show a known bearer token whose role may call that rpc. Does nothing when no token is configured.</summary>
public sealed class TokenInterceptor : Interceptor
{
    private const string Scheme = "Bearer ";

    private readonly TokenBook _tokens;
    private readonly RpcAccess _access;
    private readonly Counter<long> _refused;

    public TokenInterceptor(TokenBook tokens, RpcAccess access, IMeterFactory meters)
    {
        _tokens = tokens;
        _access = access;
        _refused = meters.Create("Dreamer.Hosting").Counter(Instruments.CallsRefused);
    }

    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        Authorize(context);
        return continuation(request, context);
    }

    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Authorize(context);
        return continuation(requestStream, context);
    }

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Authorize(context);
        return continuation(request, responseStream, context);
    }

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Authorize(context);
        return continuation(requestStream, responseStream, context);
    }

    private void Authorize(ServerCallContext context)
    {
        if (_tokens.IsEmpty)
        {
            return;
        }

        var header = context.RequestHeaders.GetValue("authorization") ?? "";
        var role = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? _tokens.Find(header[Scheme.Length..]) : PeerRole.None;
        if (role == PeerRole.None)
        {
            throw Refuse("token", StatusCode.Unauthenticated, header.Length == 0 ? "this service asks for a token; set replay.token_file" : "the token is not known here; check replay.token_file");
        }

        if (!_access.Allows(context.Method, role))
        {
            throw Refuse("role", StatusCode.PermissionDenied, $"the token of the {role.ToString().ToLowerInvariant()} role may not call {context.Method}");
        }
    }

    private RpcException Refuse(string reason, StatusCode code, string detail)
    {
        _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));
        return new RpcException(new Status(code, detail));
    }
}
