using Dreamer.Hosting.Edge;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Dreamer.Remote;

/// <summary>The network side of a served environment.</summary>
public static class EnvironmentServer
{
    private const int LargestRequest = 4 << 20;

    /// <summary>gRPC with tokens and limits for <see cref="EnvironmentService"/>.</summary>
    /// <param name="services">Of the host.</param>
    /// <param name="sessions">Streams that one address may have open.</param>
    /// <param name="tokens">Those of actors may play; empty asks nobody.</param>
    public static IServiceCollection AddEnvironmentServer(this IServiceCollection services, int sessions, TokenBook tokens) => services.AddDreamerGrpc(
        new EdgeLimits(LargestRequest, sessions) { TokenSetting = "env.remote.token_file", CallsSetting = "--sessions" },
        tokens,
        new RpcAccess(new Dictionary<string, PeerRole> { ["/dm_env_rpc.v1.Environment/Process"] = PeerRole.Actor }),
        new ErrorMap().Add<InvalidProtocolBufferException>(StatusCode.InvalidArgument));
}
