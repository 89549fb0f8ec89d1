using System.Net.Http;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Settings;
using Dreamer.Spaces;

namespace Dreamer.Hosting.Edge.Tls;

/// <summary>TLS of a client's connections. The files are read again when they change.</summary>
public static class ClientTls
{
    /// <summary>The handler with TLS by these files, and with failures that say which setting helps.</summary>
    /// <param name="handler">Makes the connections.</param>
    /// <param name="section">Section of the settings, e.g. <c>replay.tls</c>.</param>
    /// <param name="files">Its values.</param>
    /// <param name="addressSetting">Key of the address, e.g. <c>replay.address</c>.</param>
    /// <param name="time">Clock.</param>
    /// <param name="addressIsUrl">Whether the address says http or https; else TLS is spoken where there is a CA file.</param>
    /// <exception cref="ConfigurationException">A file cannot be used; the message names the setting.</exception>
    public static HttpMessageHandler Secure(SocketsHttpHandler handler, string section, TlsFiles files, string addressSetting, TimeProvider time, bool addressIsUrl = true)
    {
        handler.SslOptions = Options(section, files, addressSetting, time);
        return new TlsExplainer(handler, section, addressIsUrl ? addressSetting : null, showsCertificate: files.CertificateFile.Length > 0);
    }

    /// <summary>TLS of connections to Redis, by <c>replay.redis_tls</c>; null where no authority is named.</summary>
    /// <exception cref="ConfigurationException">A file cannot be used, or a certificate is to be shown without TLS; the message names the setting.</exception>
    public static SslClientAuthenticationOptions? OfRedis(ReplaySettings settings, TimeProvider time)
    {
        var files = settings.RedisTls.ToFiles();
        if (files.CaFile.Length > 0)
        {
            return Options("replay.redis_tls", files, "replay.redis", time);
        }

        return files.CertificateFile.Length + files.KeyFile.Length == 0
            ? null
            : throw new ConfigurationException("replay.redis_tls.ca_file is empty, but a certificate is set: TLS is spoken to Redis where its authority is named.");
    }

    private static SslClientAuthenticationOptions Options(string section, TlsFiles files, string addressSetting, TimeProvider time)
    {
        var own = new WatchedFiles<X509Certificate2?>([files.CertificateFile, files.KeyFile], () => PemFiles.ReadOwn(section, files), time);
        var authorities = new WatchedFiles<X509Certificate2Collection?>([files.CaFile], () => PemFiles.ReadAuthorities(section, files), time);
        return new SslClientAuthenticationOptions
        {
            LocalCertificateSelectionCallback = (_, _, _, _, _) => own.Value!,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                PeerCheck.Fault(certificate, chain, errors, authorities.Value, isServer: true) is { } fault
                    ? throw new PeerRefusedException($"{addressSetting}: the other end is not to be trusted: {fault}; correct the address, {section}.ca_file, or the server's certificate")
                    : true,
        };
    }
}
