namespace Grpc.Core;

/// <summary>Who makes a call.</summary>
public abstract class CallCredentials
{
    /// <summary>Called by derived classes.</summary>
    protected CallCredentials()
    {
    }

    /// <summary>All of these, in order; at least two.</summary>
    public static CallCredentials Compose(params CallCredentials[] credentials) => new Composite(credentials);

    /// <summary>Credentials that write headers.</summary>
    public static CallCredentials FromInterceptor(AsyncAuthInterceptor interceptor) => new FromHeaders(interceptor);

    /// <summary>Tells a transport what these credentials are.</summary>
    public abstract void InternalPopulateConfiguration(CallCredentialsConfiguratorBase configurator, object? state);

    private sealed class Composite : CallCredentials
    {
        private readonly CallCredentials[] _credentials;

        public Composite(CallCredentials[] credentials)
        {
            ArgumentNullException.ThrowIfNull(credentials);
            _credentials = credentials.Length > 1
                ? [.. credentials]
                : throw new ArgumentException("Composite credentials need at least two parts.", nameof(credentials));
        }

        public override void InternalPopulateConfiguration(CallCredentialsConfiguratorBase configurator, object? state) =>
            configurator.SetCompositeCredentials(state, _credentials);
    }

    private sealed class FromHeaders(AsyncAuthInterceptor interceptor) : CallCredentials
    {
        private readonly AsyncAuthInterceptor _interceptor = interceptor ?? throw new ArgumentNullException(nameof(interceptor));

        public override void InternalPopulateConfiguration(CallCredentialsConfiguratorBase configurator, object? state) =>
            configurator.SetAsyncAuthInterceptorCredentials(state, _interceptor);
    }
}
