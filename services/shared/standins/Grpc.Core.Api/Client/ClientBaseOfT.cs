namespace Grpc.Core;

/// <summary>What generated clients of type <typeparamref name="T"/> have in common.</summary>
public abstract class ClientBase<T> : ClientBase
    where T : ClientBase<T>
{
    /// <summary>A client that cannot call, for tests that override its methods.</summary>
    protected ClientBase()
    {
    }

    /// <summary>A client over a channel.</summary>
    public ClientBase(ChannelBase channel)
        : base(channel)
    {
    }

    /// <summary>A client over an invoker.</summary>
    public ClientBase(CallInvoker callInvoker)
        : base(callInvoker)
    {
    }

    /// <summary>A client with the settings of another.</summary>
    protected ClientBase(ClientBaseConfiguration configuration)
        : base(configuration)
    {
    }

    /// <summary>This client with another host name in its requests.</summary>
    public T WithHost(string host) => NewInstance(Configuration.WithHost(host));

    /// <summary>Makes a copy with other settings.</summary>
    protected abstract T NewInstance(ClientBaseConfiguration configuration);
}
