using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Dreamer.Hosting.Edge.Tls;

/// <summary>Judges the certificate of the other end.</summary>
internal static class PeerCheck
{
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";

    /// <summary>Why a certificate is not good enough, null when it is.</summary>
    /// <param name="certificate">What the other end showed.</param>
    /// <param name="sent">Chain that came with it.</param>
    /// <param name="errors">What the platform found; it alone knows about the host's name.</param>
    /// <param name="authorities">The only ones that count; null leaves the judgement to the platform.</param>
    /// <param name="isServer">Whether the other end is the server.</param>
    public static string? Fault(
        X509Certificate? certificate, X509Chain? sent, SslPolicyErrors errors, X509Certificate2Collection? authorities, bool isServer)
    {
        if (certificate is not X509Certificate2 shown)
        {
            return "it shows no certificate";
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return $"its certificate is for {Names(shown)}, not for this host";
        }

        var now = DateTime.UtcNow;
        if (shown.NotAfter.ToUniversalTime() < now)
        {
            return $"its certificate expired on {shown.NotAfter.ToUniversalTime():yyyy-MM-dd}";
        }

        if (authorities is null)
        {
            return errors == SslPolicyErrors.None ? null : $"the machine's authorities do not vouch for it ({errors})";
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new(isServer ? ServerUse : ClientUse));
        foreach (var element in sent?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(shown) ? null
            : Array.Exists(chain.ChainStatus, status => status.Status is X509ChainStatusFlags.NotValidForUsage)
                ? $"its certificate is not one for a {(isServer ? "server" : "client")}"
                : "its certificate comes from another authority";
    }

    private static string Names(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(address => address.ToString()))).ToArray();
        return names.Length > 0 ? string.Join(", ", names) : certificate.Subject;
    }
}
