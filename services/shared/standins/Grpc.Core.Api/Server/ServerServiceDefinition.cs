namespace Grpc.Core;

/// <summary>The methods of a service with the code that serves them.</summary>
public class ServerServiceDefinition
{
    private readonly Action<ServiceBinderBase>[] _methods;

    private ServerServiceDefinition(Action<ServiceBinderBase>[] methods) => _methods = methods;

    /// <summary>Starts a definition.</summary>
    public static Builder CreateBuilder() => new();

    /// <summary>Tells a binder every method, in the order they were added.</summary>
    public void BindService(ServiceBinderBase serviceBinder)
    {
        foreach (var method in _methods)
        {
            method(serviceBinder);
        }
    }

    /// <summary>Collects methods; a name may be added once.</summary>
    public class Builder
    {
        private readonly Dictionary<string, Action<ServiceBinderBase>> _methods = [];

        /// <summary>Adds a method with one request and one response.</summary>
        public Builder AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse> handler)
            where TRequest : class
            where TResponse : class => Add(method, binder => binder.AddMethod(method, handler));

        /// <summary>Adds a method with many requests and one response.</summary>
        public Builder AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse> handler)
            where TRequest : class
            where TResponse : class => Add(method, binder => binder.AddMethod(method, handler));

        /// <summary>Adds a method with one request and many responses.</summary>
        public Builder AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse> handler)
            where TRequest : class
            where TResponse : class => Add(method, binder => binder.AddMethod(method, handler));

        /// <summary>Adds a method with many requests and many responses.</summary>
        public Builder AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse> handler)
            where TRequest : class
            where TResponse : class => Add(method, binder => binder.AddMethod(method, handler));

        /// <summary>Ends the definition.</summary>
        public ServerServiceDefinition Build() => new([.. _methods.Values]);

        private Builder Add(IMethod method, Action<ServiceBinderBase> bind)
        {
            _methods.Add(method.FullName, bind);
            return this;
        }
    }
}
