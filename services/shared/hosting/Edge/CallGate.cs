using System.Diagnostics.Metrics;
using System.Net;
using Dreamer.Hosting.Telemetry;
using Grpc.Core;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Dreamer.Hosting.Edge;

/// <summary>
/// What a call passes before a byte of its messages is read: it must show a known bearer token whose role may call that rpc (unless no
/// token is configured), and its address must not have too many calls open.
/// </summary>
public sealed class CallGate
{
    private const string Scheme = "Bearer ";

    private readonly TokenBook _tokens;
    private readonly RpcAccess _access;
    private readonly EdgeLimits _limits;
    private readonly Dictionary<IPAddress, int> _calls = [];
    private readonly Counter<long> _refused;

    public CallGate(TokenBook tokens, RpcAccess access, EdgeLimits limits, ServiceEndpoints endpoints, IMeterFactory meters)
    {
        (_tokens, _access, _limits) = (tokens, access, limits);
        _refused = meters.Create("Dreamer.Hosting").Counter(Instruments.CallsRefused);
        endpoints.Turned += () => Count("connections");
    }

    /// <summary>Lets a call through to <paramref name="next"/>, or answers it.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IConnectionItemsFeature>() is { } connection && ServiceEndpoints.IsHealth(connection.Items))
        {
            await next(context);
            return;
        }

        if (Unauthorized(context.Request) is { } refusal)
        {
            GrpcRefusal.Write(context.Response, refusal);
            return;
        }

        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        if (!Enter(address))
        {
            Count("calls");
            GrpcRefusal.Write(context.Response, new Status(
                StatusCode.ResourceExhausted, $"{address} has {_limits.CallsPerAddress} calls open already, which is {_limits.CallsSetting}"));
            return;
        }

        try
        {
            await next(context);
        }
        finally
        {
            Leave(address);
        }
    }

    private Status? Unauthorized(HttpRequest request)
    {
        if (_tokens.IsEmpty)
        {
            return null;
        }

        var header = request.Headers.Authorization.ToString();
        var role = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? _tokens.Find(header[Scheme.Length..]) : PeerRole.None;
        if (role == PeerRole.None)
        {
            Count("token");
            return new Status(StatusCode.Unauthenticated, $"{(header.Length == 0 ? "this service asks for a token; set" : "the token is not known here; check")} {_limits.TokenSetting}");
        }

        if (!_access.Allows(request.Path.Value ?? "", role))
        {
            Count("role");
            return new Status(StatusCode.PermissionDenied, $"the token of the {role.ToString().ToLowerInvariant()} role may not call {request.Path.Value}");
        }

        return null;
    }

    private bool Enter(IPAddress address)
    {
        lock (_calls)
        {
            var open = _calls.GetValueOrDefault(address);
            if (open >= _limits.CallsPerAddress && _limits.CallsPerAddress > 0)
            {
                return false;
            }

            _calls[address] = open + 1;
            return true;
        }
    }

    private void Leave(IPAddress address)
    {
        lock (_calls)
        {
            if (--_calls[address] == 0)
            {
                _calls.Remove(address);
            }
        }
    }

    private void Count(string reason) => _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));
}
