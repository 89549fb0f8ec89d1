namespace Grpc.Core;

/// <summary>A transport's view of <see cref="ChannelCredentials"/>.</summary>
public abstract class ChannelCredentialsConfiguratorBase
{
    /// <summary>Called by transports.</summary>
    protected ChannelCredentialsConfiguratorBase()
    {
    }

    /// <summary>The channel is plain text.</summary>
    public abstract void SetInsecureCredentials(object? state);

    /// <summary>The channel is TLS.</summary>
    public abstract void SetSslCredentials(
        object? state, string? rootCertificates, KeyCertificatePair? keyCertificatePair, VerifyPeerCallback? verifyPeerCallback);

    /// <summary>The channel's calls have credentials too.</summary>
    public abstract void SetCompositeCredentials(
        object? state, ChannelCredentials channelCredentials, CallCredentials callCredentials);
}
