namespace Grpc.Core.Interceptors;

/// <summary>The call that a client's interceptor sees.</summary>
public struct ClientInterceptorContext<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options)
    where TRequest : class
    where TResponse : class
{
    /// <summary>The method called.</summary>
    public Method<TRequest, TResponse> Method { get; } = method;

    /// <summary>The host called; null for the channel's own.</summary>
    public string? Host { get; } = host;

    /// <summary>How it is called.</summary>
    public CallOptions Options { get; } = options;
}
