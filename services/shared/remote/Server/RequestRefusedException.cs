using Grpc.Core;

namespace Dreamer.Remote.Server;

/// <summary>A request that cannot be served; it changed nothing, and the session goes on.</summary>
internal sealed class RequestRefusedException(StatusCode code, string message) : Exception(message)
{
    /// <summary>What the error carries.</summary>
    public StatusCode Code { get; } = code;
}
