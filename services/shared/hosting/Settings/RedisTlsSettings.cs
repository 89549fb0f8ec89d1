using Dreamer.Spaces;

namespace Dreamer.Hosting.Settings;

/// <summary>Section <c>replay.redis_tls</c>: the PEM files of connections to Redis, which speak TLS where its authority is named.</summary>
public sealed record RedisTlsSettings
{
    /// <summary>Certificate to show where Redis asks for one; empty for none.</summary>
    public string CertificateFile { get; init; } = "";

    /// <summary>Its private key.</summary>
    public string KeyFile { get; init; } = "";

    /// <summary>Certificates of the authorities that Redis' must come from; empty for connections without TLS.</summary>
    public string CaFile { get; init; } = "";

    internal TlsFiles ToFiles() => new() { CertificateFile = CertificateFile, KeyFile = KeyFile, CaFile = CaFile };
}
