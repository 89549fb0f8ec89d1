namespace Grpc.Core.Interceptors;

/// <summary>Puts interceptors before an invoker.</summary>
public static class CallInvokerExtensions
{
    /// <summary>With one interceptor.</summary>
    public static CallInvoker Intercept(this CallInvoker invoker, Interceptor interceptor) =>
        new InterceptingCallInvoker(invoker, interceptor);

    /// <summary>With several; the first is the outermost.</summary>
    public static CallInvoker Intercept(this CallInvoker invoker, params Interceptor[] interceptors) =>
        interceptors.Reverse().Aggregate(invoker, Intercept);

    /// <summary>With a function that changes the headers of each call.</summary>
    public static CallInvoker Intercept(this CallInvoker invoker, Func<Metadata, Metadata> interceptor) =>
        invoker.Intercept(new HeaderInterceptor(interceptor));
}
