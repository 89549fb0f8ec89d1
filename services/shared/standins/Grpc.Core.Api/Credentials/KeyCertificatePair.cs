namespace Grpc.Core;

/// <summary>A certificate chain and its private key, as PEM text.</summary>
public sealed class KeyCertificatePair(string certificateChain, string privateKey)
{
    /// <summary>The certificates.</summary>
    public string CertificateChain { get; } = certificateChain ?? throw new ArgumentNullException(nameof(certificateChain));

    /// <summary>The key.</summary>
    public string PrivateKey { get; } = privateKey ?? throw new ArgumentNullException(nameof(privateKey));
}
