using Grpc.Core.Interceptors;

namespace Grpc.Core;

/// <summary>What generated clients have in common.</summary>
public abstract class ClientBase
{
    /// <summary>A client that cannot call, for tests that override its methods.</summary>
    protected ClientBase()
        : this(new NoCallInvoker())
    {
    }

    /// <summary>A client over a channel.</summary>
    public ClientBase(ChannelBase channel)
        : this(channel.CreateCallInvoker())
    {
    }

    /// <summary>A client over an invoker.</summary>
    public ClientBase(CallInvoker callInvoker)
        : this(new ClientBaseConfiguration(callInvoker, null))
    {
    }

    /// <summary>A client with the settings of another.</summary>
    protected ClientBase(ClientBaseConfiguration configuration)
    {
        Configuration = configuration ?? throw new ArgumentNullException(nameof(configuration));
        CallInvoker = configuration.CreateCallInvoker();
    }

    /// <summary>Makes this client's calls.</summary>
    protected CallInvoker CallInvoker { get; }

    internal ClientBaseConfiguration Configuration { get; }

    /// <summary>The settings that a client hands to its copies.</summary>
    protected internal class ClientBaseConfiguration
    {
        private readonly CallInvoker _callInvoker;
        private readonly string? _host;

        internal ClientBaseConfiguration(CallInvoker callInvoker, string? host)
        {
            _callInvoker = callInvoker ?? throw new ArgumentNullException(nameof(callInvoker));
            _host = host;
        }

        internal CallInvoker CreateCallInvoker() =>
            _host is null ? _callInvoker : _callInvoker.Intercept(new HostInterceptor(_host));

        internal ClientBaseConfiguration WithHost(string host) => new(_callInvoker, host);
    }
}
