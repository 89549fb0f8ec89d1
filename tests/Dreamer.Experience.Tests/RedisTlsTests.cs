using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Edge.Tls;
using Dreamer.Hosting.Settings;
using Dreamer.Redis;

namespace Dreamer.Experience.Tests;

/// <summary>The whole store over TLS; and who cannot speak to it, each with what to do.</summary>
public sealed class RedisTlsTests(RedisTlsFixture redis) : RedisStoreContract(redis), IClassFixture<RedisTlsFixture>
{
    private readonly RedisTlsFixture _redis = redis;

    [Fact]
    public async Task ALearnerReadsWhatTheServiceWrote()
    {
        await using var store = await RedisChunkStore.OpenAsync(Settings, TimeProvider.System, default);
        await store.RecoverAsync(default);
        var id = (await store.Commit(Given.Chunks(1, 48)[0])).Id;
        await using var reader = await RedisChunkReader.OpenAsync(Settings, default);
        using var read = await reader.ReadAsync(new[] { id }, default);
        Assert.Equal(Given.Encode(Given.Chunks(1, 48)[0]), read[0]!.Value.ToArray());
    }

    [Fact]
    public Task AnotherAuthorityIsNotTrusted() => RefusesAsync(
        "its certificate comes from another authority; correct the address, replay.redis_tls.ca_file", Of(_redis.Other, _redis.Known));

    [Fact]
    public Task WhoShowsNoCertificateIsTold() => RefusesAsync("replay.redis_tls.certificate_file", Of(_redis.Known, null));

    [Fact]
    public Task WhoShowsAnotherAuthoritysCertificateIsTold() => RefusesAsync("replay.redis_tls.certificate_file", Of(_redis.Known, _redis.Other));

    [Fact]
    public Task WithoutTlsNobodyGetsIn() => RefusesAsync("if it speaks TLS, set replay.redis_tls.ca_file", Settings with { Tls = null });

    [Fact]
    public async Task AServerForAnotherHostIsNotTrusted()
    {
        using var directory = new TemporaryDirectory();
        var elsewhere = new CertificateAuthority(directory.Path, TimeProvider.System);
        elsewhere.Create(["redis.example.org"], 10);
        await using var server = await RedisServer.StartTlsAsync(elsewhere);
        await RefusesAsync("its certificate is for redis.example.org, not for this host", Of(elsewhere, elsewhere) with { Endpoint = server.Endpoint });
    }

    [Fact]
    public async Task AServerWithoutTlsIsNamedAsSuch()
    {
        await using var plain = await RedisServer.StartAsync();
        await RefusesAsync("if it does not speak TLS, leave replay.redis_tls.ca_file empty", Settings with { Endpoint = plain.Endpoint, Timeout = TimeSpan.FromSeconds(2) });
    }

    [Fact]
    public async Task ThePasswordIsAskedForOverTlsToo()
    {
        await using var server = await RedisServer.StartTlsAsync(_redis.Known, "--requirepass", "right");
        var settings = Settings with { Endpoint = server.Endpoint };
        await RefusesAsync("replay.password_file", settings with { Password = "wrong" });
        await using var store = await RedisChunkStore.OpenAsync(settings with { Password = "right" }, TimeProvider.System, default);
        await using var reader = await RedisChunkReader.OpenAsync(settings with { Password = "right" }, default);
        Assert.Equal(1, (await reader.ReadAsync(new long[] { 1 }, default)).Missing);
    }

    [Fact]
    public async Task ANewCertificateServesTheConnectionsThatFollow()
    {
        using var directory = new TemporaryDirectory();
        var files = new CertificateAuthority(directory.Path, TimeProvider.System);
        files.Create(["127.0.0.1"], 10);
        await using var server = await RedisServer.StartTlsAsync(files);
        var settings = Of(files, files) with { Endpoint = server.Endpoint };
        await using (await RedisChunkReader.OpenAsync(settings, default))
        {
        }

        // The same authority signs anew; the server starts again with its own, the client's options are those from before.
        files.Renew(["127.0.0.1"], 20);
        await server.KillAsync();
        await server.StartAsync();
        await using var after = await RedisChunkReader.OpenAsync(settings, default);
        Assert.Equal(1, (await after.ReadAsync(new long[] { 1 }, default)).Missing);
    }

    [Fact]
    public void FilesThatCannotBeUsedAreNamed()
    {
        Assert.Null(ClientTls.OfRedis(new ReplaySettings(), TimeProvider.System));
        Assert.Contains("replay.redis_tls.ca_file: /nowhere/ca.crt", Refusal(new RedisTlsSettings { CaFile = "/nowhere/ca.crt" }));
        Assert.Contains("replay.redis_tls.ca_file is empty", Refusal(new RedisTlsSettings { CertificateFile = "client.crt", KeyFile = "client.key" }));
        Assert.Contains("replay.redis_tls.key_file", Refusal(new RedisTlsSettings { CaFile = _redis.Known["ca.crt"], CertificateFile = _redis.Known["client.crt"] }));

        static string Refusal(RedisTlsSettings files) =>
            Assert.Throws<ConfigurationException>(() => ClientTls.OfRedis(new ReplaySettings { RedisTls = files }, TimeProvider.System)).Message;
    }

    private RedisStoreOptions Of(CertificateAuthority trusted, CertificateAuthority? shown) =>
        Settings with { Tls = ClientTls.OfRedis(RedisTlsFixture.Settings(trusted, shown), TimeProvider.System) };

    // The replay service's client and the learner's own connection alike.
    private static async Task RefusesAsync(string because, RedisStoreOptions options)
    {
        foreach (var open in new Func<Task>[]
        {
            () => RedisChunkStore.OpenAsync(options, TimeProvider.System, default), () => RedisChunkReader.OpenAsync(options, default),
        })
        {
            var message = (await Assert.ThrowsAsync<RedisUnavailableException>(open)).Message;
            Assert.Contains($"replay.redis '{options.Endpoint}'", message);
            Assert.True(message.Contains(because, StringComparison.Ordinal), message);
        }
    }
}
