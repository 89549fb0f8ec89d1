namespace Grpc.Core;

/// <summary>The call that asks for credentials.</summary>
public class AuthInterceptorContext(string serviceUrl, string methodName, CancellationToken cancellationToken)
{
    /// <summary>A call that is never cancelled.</summary>
    public AuthInterceptorContext(string serviceUrl, string methodName)
        : this(serviceUrl, methodName, CancellationToken.None)
    {
    }

    /// <summary>The service that is called.</summary>
    public string ServiceUrl { get; } = serviceUrl ?? throw new ArgumentNullException(nameof(serviceUrl));

    /// <summary>The method that is called.</summary>
    public string MethodName { get; } = methodName ?? throw new ArgumentNullException(nameof(methodName));

    /// <summary>Cancelled with the call.</summary>
    public CancellationToken CancellationToken { get; } = cancellationToken;
}
