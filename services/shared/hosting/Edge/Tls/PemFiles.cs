using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Dreamer.Hosting.Configuration;
using Dreamer.Spaces;

namespace Dreamer.Hosting.Edge.Tls;

/// <summary>Reads certificates and keys; every error names the setting.</summary>
internal static class PemFiles
{
    private const string Remedy = "make certificates with './dreamer certificates --out DIR'";

    /// <summary>This process's certificate with its key; null when none is configured.</summary>
    /// <param name="section">Section of the settings, e.g. <c>replay.tls</c>.</param>
    /// <param name="files">Its values.</param>
    /// <exception cref="ConfigurationException">A file is missing or cannot be used, or the certificate is not valid today.</exception>
    public static X509Certificate2? ReadOwn(string section, TlsFiles files)
    {
        if (files.CertificateFile.Length == 0 && files.KeyFile.Length == 0)
        {
            return null;
        }

        if (files.CertificateFile.Length == 0 || files.KeyFile.Length == 0)
        {
            var (missing, given) = files.KeyFile.Length == 0 ? ("key_file", "certificate_file") : ("certificate_file", "key_file");
            throw new ConfigurationException($"{section}.{missing} is empty, but {section}.{given} is set: a certificate and its private key go together.");
        }

        var certificate = Read($"{section}.certificate_file", files.CertificateFile, text => X509Certificate2.CreateFromPem(text));
        using (certificate)
        {
            CheckDates($"{section}.certificate_file", files.CertificateFile, certificate);
            return Read($"{section}.key_file", files.KeyFile, key => X509Certificate2.CreateFromPem(certificate.ExportCertificatePem(), key));
        }
    }

    /// <summary>The authorities that the other end must come from; null when none is configured.</summary>
    /// <exception cref="ConfigurationException">The file is missing, holds no certificate, or one that is not valid today.</exception>
    public static X509Certificate2Collection? ReadAuthorities(string section, TlsFiles files)
    {
        if (files.CaFile.Length == 0)
        {
            return null;
        }

        var setting = $"{section}.ca_file";
        var authorities = Read(setting, files.CaFile, text =>
        {
            var found = new X509Certificate2Collection();
            found.ImportFromPem(text);
            return found;
        });
        if (authorities.Count == 0)
        {
            throw new ConfigurationException($"{setting}: {files.CaFile} holds no certificate in PEM; {Remedy}.");
        }

        foreach (var authority in authorities)
        {
            CheckDates(setting, files.CaFile, authority);
        }

        return authorities;
    }

    private static T Read<T>(string setting, string path, Func<string, T> parse)
    {
        try
        {
            return parse(File.ReadAllText(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{setting}: {path} cannot be read: {error.Message.TrimEnd('.')}; correct the path or its permissions, or {Remedy}.", error);
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            throw new ConfigurationException($"{setting}: {path} does not hold what it should, in PEM ({error.Message.TrimEnd('.')}); {Remedy}.", error);
        }
    }

    private static void CheckDates(string setting, string path, X509Certificate2 certificate)
    {
        var now = DateTime.UtcNow;
        if (certificate.NotAfter.ToUniversalTime() < now)
        {
            throw new ConfigurationException($"{setting}: {path} expired on {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}; './dreamer certificates --out DIR --renew' makes new ones.");
        }

        if (certificate.NotBefore.ToUniversalTime() > now)
        {
            throw new ConfigurationException($"{setting}: {path} is not valid before {certificate.NotBefore.ToUniversalTime():yyyy-MM-dd}; check this machine's clock.");
        }
    }
}
