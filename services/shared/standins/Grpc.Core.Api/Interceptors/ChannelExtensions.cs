namespace Grpc.Core.Interceptors;

/// <summary>Puts interceptors before a channel.</summary>
public static class ChannelExtensions
{
    /// <summary>With one interceptor.</summary>
    public static CallInvoker Intercept(this ChannelBase channel, Interceptor interceptor) =>
        channel.CreateCallInvoker().Intercept(interceptor);

    /// <summary>With several; the first is the outermost.</summary>
    public static CallInvoker Intercept(this ChannelBase channel, params Interceptor[] interceptors) =>
        channel.CreateCallInvoker().Intercept(interceptors);

    /// <summary>With a function that changes the headers of each call.</summary>
    public static CallInvoker Intercept(this ChannelBase channel, Func<Metadata, Metadata> interceptor) =>
        channel.CreateCallInvoker().Intercept(interceptor);
}
