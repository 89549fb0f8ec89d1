using Dreamer.Hosting.Edge.Tls;
using Dreamer.Redis;

namespace Dreamer.Experience.Tests;

/// <summary>A Redis Cluster of three nodes that speak TLS only, with clients and with each other.</summary>
public sealed class RedisClusterTlsFixture : RedisClusterFixture
{
    private readonly TemporaryDirectory _directory = new();

    private CertificateAuthority Authority => new(_directory.Path, TimeProvider.System);

    public override async Task InitializeAsync()
    {
        Authority.Create(["127.0.0.1"], 10);
        await base.InitializeAsync();
    }

    public override RedisStoreOptions NewOptions() =>
        base.NewOptions() with { Tls = ClientTls.OfRedis(RedisTlsFixture.Settings(Authority, Authority), TimeProvider.System) };

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _directory.Dispose();
    }

    // To each other nodes are clients as well, and a certificate is for one of the two.
    protected override Task<RedisServer> StartNodeAsync(params string[] arguments) => RedisServer.StartTlsAsync(
        Authority,
        [
            .. arguments, "--tls-cluster", "yes", "--tls-client-cert-file", Authority["client.crt"], "--tls-client-key-file", Authority["client.key"],
            "--unixsocket", RedisServer.SocketName,
        ]);
}
