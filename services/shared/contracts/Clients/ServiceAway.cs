using Grpc.Core;

namespace Dreamer.Contracts.Clients;

/// <summary>Tells failures of calls apart: the replay service is away and will be back, or it refuses.</summary>
internal static class ServiceAway
{
    /// <summary>From one try to the next.</summary>
    public static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>True where the service is away, and the call may be made again. A call that is cut off while it waits ends like one that its caller gives up.</summary>
    public static bool Explains(Exception failure, CancellationToken cancellation) => failure switch
    {
        RpcException { StatusCode: StatusCode.Unavailable or StatusCode.Internal or StatusCode.Cancelled or StatusCode.Aborted } => true,
        OperationCanceledException => !cancellation.IsCancellationRequested,
        _ => false,
    };

    /// <summary>For the log.</summary>
    public static string Reason(Exception failure) =>
        failure is RpcException { Status: var status } ? $"{status.StatusCode}: {status.Detail}" : "the call was cut off";

    /// <summary>True for what a message that is sent fails with when its call is over, whoever ended it; the receiving side of the call says why.</summary>
    public static bool EndsSending(Exception failure) =>
        failure is OperationCanceledException or RpcException or InvalidOperationException or IOException;
}
