using Dreamer.Hosting.Edge.Tls;
using Dreamer.Hosting.Settings;
using Dreamer.Redis;

namespace Dreamer.Experience.Tests;

/// <summary>A server that speaks TLS only and asks for certificates, and an authority that it knows beside one that it does not.</summary>
public sealed class RedisTlsFixture : RedisFixture
{
    private readonly TemporaryDirectory _directory = new();

    public CertificateAuthority Known => new(Path.Combine(_directory.Path, "known"), TimeProvider.System);

    public CertificateAuthority Other => new(Path.Combine(_directory.Path, "other"), TimeProvider.System);

    public override async Task InitializeAsync()
    {
        Known.Create(["127.0.0.1"], 10);
        Other.Create(["127.0.0.1"], 10);
        Servers = [await RedisServer.StartTlsAsync(Known)];
    }

    public override RedisStoreOptions NewOptions() => base.NewOptions() with { Tls = ClientTls.OfRedis(Settings(Known, Known), TimeProvider.System) };

    /// <summary>What a process is told: whom it trusts, and what it shows.</summary>
    public static ReplaySettings Settings(CertificateAuthority trusted, CertificateAuthority? shown) => new()
    {
        RedisTls = new RedisTlsSettings
        {
            CaFile = trusted["ca.crt"],
            CertificateFile = shown?["client.crt"] ?? "",
            KeyFile = shown?["client.key"] ?? "",
        },
    };

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _directory.Dispose();
    }
}
