using System.Diagnostics.Metrics;
using System.Net;
using Dreamer.Hosting.Telemetry;
using Grpc.Core;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Dreamer.Hosting.Edge;

/// <summary>
/// What a call passes before a byte of its messages is read: its peer must not call too often, it must show a known bearer token whose role
/// may call that rpc (unless no token is configured), and its address must not have too many calls open. Then it is read no faster than its
/// peer may send.
/// </summary>
public sealed class CallGate
{
    private readonly TokenBook _tokens;
    private readonly RpcAccess _access;
    private readonly EdgeLimits _limits;
    private readonly Dictionary<IPAddress, int> _calls = [];
    private readonly TimeProvider _time;
    private readonly PeerRates _callRates;
    private readonly PeerRates _byteRates;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _delayed;

    public CallGate(TokenBook tokens, RpcAccess access, EdgeLimits limits, ServiceEndpoints endpoints, IMeterFactory meters, TimeProvider? time = null)
    {
        (_tokens, _access, _limits, _time) = (tokens, access, limits, time ?? TimeProvider.System);
        (_callRates, _byteRates) = (new PeerRates(limits.CallsPerSecond, _time), new PeerRates(limits.BytesPerSecond, _time));
        var meter = meters.Create("Dreamer.Hosting");
        (_refused, _delayed) = (meter.Counter(Instruments.CallsRefused), meter.Counter(Instruments.BytesDelayed));
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

        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        var role = _tokens.Find(context.Request);
        if (!_callRates.TryTake((role, address)))
        {
            Refuse(context, "rate", StatusCode.ResourceExhausted, $"{address} makes more than {_limits.CallsPerSecond} calls per second, which is {_limits.RateSetting}");
            return;
        }

        if (Unauthorized(context, role))
        {
            return;
        }

        if (!Enter(address))
        {
            Refuse(context, "calls", StatusCode.ResourceExhausted, $"{address} has {_limits.CallsPerAddress} calls open already, which is {_limits.CallsSetting}");
            return;
        }

        if (_byteRates.IsLimited)
        {
            context.Features.Set<IRequestBodyPipeFeature>(new MeteredBody(context.Request.BodyReader, bytes => Meter((role, address), bytes), _time));
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

    private bool Unauthorized(HttpContext context, PeerRole role)
    {
        var rpc = context.Request.Path.Value ?? "";
        if (_tokens.IsEmpty || _access.Allows(rpc, role))
        {
            return false;
        }

        if (role == PeerRole.None)
        {
            var reason = context.Request.Headers.Authorization.Count == 0 ? "this service asks for a token; set" : "the token is not known here; check";
            Refuse(context, "token", StatusCode.Unauthenticated, $"{reason} {_limits.TokenSetting}");
        }
        else
        {
            Refuse(context, "role", StatusCode.PermissionDenied, $"the token of the {role.ToString().ToLowerInvariant()} role may not call {rpc}");
        }

        return true;
    }

    private TimeSpan Meter((PeerRole, IPAddress) peer, long bytes)
    {
        var pause = _byteRates.Take(peer, bytes);
        if (pause > TimeSpan.Zero)
        {
            _delayed.Add(bytes);
        }

        return pause;
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

    private void Refuse(HttpContext context, string reason, StatusCode code, string detail)
    {
        Count(reason);
        GrpcRefusal.Write(context.Response, new Status(code, detail));
    }

    private void Count(string reason) => _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));
}
