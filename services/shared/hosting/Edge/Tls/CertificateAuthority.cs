using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Dreamer.Hosting.Edge.Tls;

/// <summary>
/// An authority of one's own in a directory, and the two certificates it vouches for: <c>ca</c>, <c>server</c>, <c>client</c>, each a
/// <c>.crt</c> and a <c>.key</c> file in PEM. Keys are P-256, and nobody but their owner may read them.
/// </summary>
public sealed class CertificateAuthority(string directory, TimeProvider time)
{
    /// <summary>Days that an authority lasts.</summary>
    public const int AuthorityDays = 3650;

    private const string ServerUse = "1.3.6.1.5.5.7.3.1";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";

    // A clock that is a little behind must not refuse what was made a moment ago.
    private static readonly TimeSpan Skew = TimeSpan.FromHours(1);

    /// <summary>Path of a file.</summary>
    public string this[string name] => Path.Combine(directory, name);

    /// <summary>Makes all six files; none of them may be there.</summary>
    /// <param name="hosts">Names and addresses that the service is reached at.</param>
    /// <param name="days">Until the server's and the client's certificate end.</param>
    /// <exception cref="UserErrorException">One is.</exception>
    public void Create(IReadOnlyList<string> hosts, int days)
    {
        string[] names = ["ca.crt", "ca.key", "server.crt", "server.key", "client.crt", "client.key"];
        if (Array.Find(names, name => File.Exists(this[name])) is { } there)
        {
            throw new UserErrorException(
                $"--out: {this[there]} is there already; --renew makes new server and client certificates of the authority that is there, or name another directory.");
        }

        Directory.CreateDirectory(directory);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Dreamer own authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var now = time.GetUtcNow();
        using var authority = request.CreateSelfSigned(now - Skew, now.AddDays(AuthorityDays));
        SecretFile.Write(this["ca.key"], key.ExportPkcs8PrivateKeyPem() + "\n");
        WriteNew("ca.crt", authority.ExportCertificatePem() + "\n");
        Issue(authority, hosts, days);
    }

    /// <summary>Makes new server and client certificates; processes take them without a restart.</summary>
    /// <inheritdoc cref="Create" path="/param"/>
    /// <exception cref="UserErrorException">There is no authority here, or its time is up.</exception>
    public void Renew(IReadOnlyList<string> hosts, int days)
    {
        using var authority = Open();
        Issue(authority, hosts, days);
    }

    /// <summary>When a certificate ends; null where there is none.</summary>
    public DateTimeOffset? Expiry(string name)
    {
        if (!File.Exists(this[name]))
        {
            return null;
        }

        using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(this[name]));
        return certificate.NotAfter;
    }

    private X509Certificate2 Open()
    {
        try
        {
            return X509Certificate2.CreateFromPem(File.ReadAllText(this["ca.crt"]), File.ReadAllText(this["ca.key"]));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new UserErrorException($"--out: {directory} holds no authority with its key (ca.crt, ca.key): {error.Message.TrimEnd('.')}; without --renew a new one is made.", cause: error);
        }
    }

    private void Issue(X509Certificate2 authority, IReadOnlyList<string> hosts, int days)
    {
        var end = time.GetUtcNow().AddDays(days);
        if (end > authority.NotAfter)
        {
            end = authority.NotAfter;
        }

        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            if (IPAddress.TryParse(host, out var address))
            {
                names.AddIpAddress(address);
            }
            else if (Uri.CheckHostName(host.Replace("*.", "", StringComparison.Ordinal)) == UriHostNameType.Dns)
            {
                names.AddDnsName(host);
            }
            else
            {
                throw new UserErrorException($"--hosts: '{host}' is neither a name nor an address.", ExitCode.Usage);
            }
        }

        Issue(authority, "server", hosts[0], ServerUse, names.Build(), end);
        Issue(authority, "client", "dreamer client", ClientUse, null, end);
    }

    private void Issue(X509Certificate2 authority, string name, string subject, string use, X509Extension? names, DateTimeOffset end)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var distinguished = new X500DistinguishedNameBuilder();
        distinguished.AddCommonName(subject);
        var request = new CertificateRequest(distinguished.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new(use)], critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        if (names is not null)
        {
            request.CertificateExtensions.Add(names);
        }

        var begin = time.GetUtcNow() - Skew;
        using var certificate = request.Create(
            authority, begin < authority.NotBefore ? authority.NotBefore : begin, end, RandomNumberGenerator.GetBytes(16));
        SecretFile.Write(this[$"{name}.key"], key.ExportPkcs8PrivateKeyPem() + "\n");
        WriteNew($"{name}.crt", certificate.ExportCertificatePem() + "\n");
    }

    // Whole or not at all: a process may be looking.
    private void WriteNew(string name, string text)
    {
        File.WriteAllText(this[name] + ".new", text);
        File.Move(this[name] + ".new", this[name], overwrite: true);
    }
}
