using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Dreamer.Hosting.Configuration;
using Dreamer.Spaces;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Dreamer.Hosting.Edge.Tls;

/// <summary>TLS of a listening address. The files are read again when they change; handshakes that begin after that use the new ones.</summary>
public sealed class ServerTls
{
    private readonly string _section;
    private readonly TlsFiles _files;
    private readonly WatchedFiles<X509Certificate2> _own;
    private readonly WatchedFiles<X509Certificate2Collection?> _authorities;

    private ServerTls(string section, TlsFiles files, TimeProvider time)
    {
        (_section, _files) = (section, files);
        _own = new([files.CertificateFile, files.KeyFile], () => PemFiles.ReadOwn(section, files)!, time, Failed);
        _authorities = new([files.CaFile], () => PemFiles.ReadAuthorities(section, files), time, Failed);
    }

    /// <summary>Told what is wrong with files that were replaced; the ones before stay in use.</summary>
    public event Action<string>? Warning;

    /// <summary>TLS by these files, null where no certificate is configured.</summary>
    /// <param name="section">Section of the settings, e.g. <c>replay.tls</c>.</param>
    /// <param name="files">Its values.</param>
    /// <param name="time">Clock.</param>
    /// <exception cref="ConfigurationException">A file cannot be used; the message names the setting.</exception>
    public static ServerTls? Open(string section, TlsFiles files, TimeProvider time)
    {
        if (files.RequireClientCertificate && (files.CertificateFile.Length == 0 || files.CaFile.Length == 0))
        {
            throw new ConfigurationException(
                $"{section}.require_client_certificate needs {section}.certificate_file (TLS) and {section}.ca_file (whose certificates count).");
        }

        return files.CertificateFile.Length == 0 && files.KeyFile.Length == 0 ? null : new ServerTls(section, files, time);
    }

    internal HttpsConnectionAdapterOptions ToOptions(TimeSpan patience) => new()
    {
        HandshakeTimeout = patience,
        SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ServerCertificateSelector = (_, _) => _own.Value,
        ClientCertificateMode = _files.RequireClientCertificate ? ClientCertificateMode.RequireCertificate : ClientCertificateMode.NoCertificate,
        ClientCertificateValidation = (certificate, chain, errors) => PeerCheck.Fault(certificate, chain, errors, _authorities.Value, isServer: false) is null,
    };

    private void Failed(UserErrorException error) => Warning?.Invoke($"{error.Message} The files of {_section} before it stay in use.");
}
