namespace Dreamer.Spaces;

/// <summary>The PEM files of one end of a connection. A server speaks TLS when it has a certificate; a client when its address says https.</summary>
public sealed record TlsFiles
{
    /// <summary>This process's certificate: a server shows it, a client where it is asked for one; empty for none.</summary>
    public string CertificateFile { get; init; } = "";

    /// <summary>Its private key.</summary>
    public string KeyFile { get; init; } = "";

    /// <summary>Certificates of the authorities that the other end must come from, and no others; empty for those that the machine trusts.</summary>
    public string CaFile { get; init; } = "";

    /// <summary>Server side: every client must show a certificate from one of these authorities.</summary>
    public bool RequireClientCertificate { get; init; }
}
