namespace Grpc.Core;

/// <summary>A transport's view of <see cref="CallCredentials"/>.</summary>
public abstract class CallCredentialsConfiguratorBase
{
    /// <summary>Called by transports.</summary>
    protected CallCredentialsConfiguratorBase()
    {
    }

    /// <summary>The credentials write headers.</summary>
    public abstract void SetAsyncAuthInterceptorCredentials(object? state, AsyncAuthInterceptor interceptor);

    /// <summary>The credentials are several.</summary>
    public abstract void SetCompositeCredentials(object? state, IReadOnlyList<CallCredentials> credentials);
}
