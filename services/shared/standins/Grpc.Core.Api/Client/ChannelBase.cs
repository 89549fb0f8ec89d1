namespace Grpc.Core;

/// <summary>A connection to one target.</summary>
public abstract class ChannelBase
{
    /// <summary>A channel to this target.</summary>
    protected ChannelBase(string target) => Target = target ?? throw new ArgumentNullException(nameof(target));

    /// <summary>Where it leads.</summary>
    public string Target { get; }

    /// <summary>Makes calls over this channel.</summary>
    public abstract CallInvoker CreateCallInvoker();

    /// <summary>Ends the calls under way and closes the channel.</summary>
    public Task ShutdownAsync() => ShutdownAsyncCore();

    /// <summary>What <see cref="ShutdownAsync"/> does.</summary>
    protected virtual Task ShutdownAsyncCore() => Task.CompletedTask;
}
