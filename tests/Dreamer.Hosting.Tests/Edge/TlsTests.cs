using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Edge.Tls;
using Dreamer.Hosting.Settings;
using Dreamer.Spaces;
using Grpc.Core;

namespace Dreamer.Hosting.Tests.Edge;

/// <summary>Every pair of ends that must not talk does not, and is told which setting helps.</summary>
public sealed class TlsTests : IDisposable
{
    private static readonly string[] Here = ["localhost", "127.0.0.1"];

    private readonly string _directory = Directory.CreateTempSubdirectory("dreamer-tls").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_client_that_knows_the_authority_talks()
    {
        var files = Make("own");
        await using var host = await StartAsync(Server(files));
        Assert.StartsWith("https://", host.Grpc);
        using var channel = host.Connect(tls: new TlsFiles { CaFile = files["ca.crt"] });
        Assert.Equal("hi", await AskAsync(channel));

        // Health stays as it was.
        using var http = new HttpClient();
        Assert.True((await http.GetAsync(host.Health + "/alive")).IsSuccessStatusCode);
    }

    [Fact]
    public async Task A_server_of_another_authority_or_for_another_host_is_refused_for_good()
    {
        var (own, other, elsewhere) = (Make("own"), Make("other"), Make("elsewhere", "example.org"));
        await using var host = await StartAsync(Server(own));
        await using var wrongHost = await StartAsync(Server(elsewhere));

        using var stranger = host.Connect(tls: new TlsFiles { CaFile = other["ca.crt"] });
        var refused = await RefusedAsync(stranger);
        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
        Assert.StartsWith("replay.address: the other end is not to be trusted: its certificate comes from another authority; correct", refused.Detail);
        Assert.Contains("replay.tls.ca_file", refused.Detail);

        using var lost = wrongHost.Connect(tls: new TlsFiles { CaFile = elsewhere["ca.crt"] });
        refused = await RefusedAsync(lost);
        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
        Assert.Contains("its certificate is for example.org, not for this host", refused.Detail);

        // Without an authority of its own a client asks the machine's, which knows none of ours.
        using var trusting = host.Connect();
        Assert.Contains("the machine's authorities do not vouch for it", (await RefusedAsync(trusting)).Detail);
    }

    [Fact]
    public async Task Plain_against_tls_says_so_on_either_side()
    {
        var files = Make("own");
        await using var secure = await StartAsync(Server(files));
        await using var plain = await EdgeHost.StartAsync();

        using var naive = secure.Connect(address: secure.Grpc.Replace("https", "http", StringComparison.Ordinal));
        var away = await RefusedAsync(naive);
        Assert.Equal(StatusCode.Unavailable, away.StatusCode);
        Assert.Contains("If the service speaks TLS, write https:// in replay.address and set replay.tls.ca_file", away.Detail);

        using var careful = plain.Connect(tls: new TlsFiles { CaFile = files["ca.crt"] }, address: plain.Grpc.Replace("http", "https", StringComparison.Ordinal));
        away = await RefusedAsync(careful);
        Assert.Equal(StatusCode.Unavailable, away.StatusCode);
        Assert.Contains("If the service does not speak TLS, write http:// in replay.address", away.Detail);
    }

    [Fact]
    public async Task A_server_that_does_not_begin_tls_in_time_counts_as_away()
    {
        var files = Make("own");
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var channel = Hosting.Edge.ReplayChannel.Open(
            new ReplaySettings { Address = $"https://{silent.LocalEndpoint}", LostAfterSeconds = 3, Tls = new TlsFiles { CaFile = files["ca.crt"] } });
        var away = await RefusedAsync(channel);
        Assert.Equal(StatusCode.Unavailable, away.StatusCode);
        Assert.Equal("no connection within 3 s", away.Detail);
    }

    [Fact]
    public async Task Where_clients_must_show_a_certificate_only_the_authority_s_clients_get_in()
    {
        var (own, other) = (Make("own"), Make("other"));
        await using var host = await StartAsync(Server(own) with { CaFile = own["ca.crt"], RequireClientCertificate = true });

        using var known = host.Connect(tls: Client(own));
        Assert.Equal("hi", await AskAsync(known));

        using var nobody = host.Connect(tls: new TlsFiles { CaFile = own["ca.crt"] });
        var refused = await RefusedAsync(nobody);
        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        Assert.Contains("set replay.tls.certificate_file and replay.tls.key_file", refused.Detail);

        using var foreign = host.Connect(tls: Client(other) with { CaFile = own["ca.crt"] });
        Assert.Contains("it does not take that in replay.tls.certificate_file", (await RefusedAsync(foreign)).Detail);

        // The server's certificate is of the right authority, and for another use.
        using var pretender = host.Connect(tls: Server(own) with { CaFile = own["ca.crt"] });
        Assert.Contains("it does not take that in replay.tls.certificate_file", (await RefusedAsync(pretender)).Detail);
    }

    [Fact]
    public async Task Certificates_are_changed_without_a_restart()
    {
        var clock = new ManualClock();
        var files = Make("own");
        var other = Make("other");
        var tls = ServerTls.Open("replay.tls", Server(files), clock)!;
        var warnings = new List<string>();
        tls.Warning += warnings.Add;
        await using var host = await EdgeHost.StartAsync(tls: tls);
        using (var before = host.Connect(tls: new TlsFiles { CaFile = files["ca.crt"] }))
        {
            Assert.Equal("hi", await AskAsync(before));
        }

        // The key does not belong to the certificate: the pair before stays.
        Replace("server.key");
        clock.Advance(2);
        using (var between = host.Connect(tls: new TlsFiles { CaFile = files["ca.crt"] }))
        {
            Assert.Equal("hi", await AskAsync(between));
        }

        Assert.Contains("replay.tls.key_file", Assert.Single(warnings));
        Replace("server.crt");
        clock.Advance(2);
        using var after = host.Connect(tls: new TlsFiles { CaFile = other["ca.crt"] });
        Assert.Equal("hi", await AskAsync(after));

        // Written, not copied: a copy keeps its time, which may be that of the file before, and they are of one length.
        void Replace(string name) => File.WriteAllText(files[name], File.ReadAllText(other[name]));
    }

    [Theory]
    [InlineData("no key", "replay.tls.key_file is empty, but replay.tls.certificate_file is set")]
    [InlineData("no certificate", "replay.tls.certificate_file is empty, but replay.tls.key_file is set")]
    [InlineData("missing key", "replay.tls.key_file: ")]
    [InlineData("other key", "replay.tls.key_file: ")]
    [InlineData("no pem", "replay.tls.certificate_file: ")]
    [InlineData("expired", "expired on ")]
    [InlineData("not yet", "is not valid before ")]
    [InlineData("expired authority", "replay.tls.ca_file: ")]
    [InlineData("empty authority", "replay.tls.ca_file: ")]
    [InlineData("clients without authority", "replay.tls.require_client_certificate needs")]
    public void Files_that_cannot_serve_are_named(string fault, string message)
    {
        var (files, other) = (Make("own"), Make("other"));
        var past = Make("past", "localhost", DateTimeOffset.UtcNow.AddDays(-CertificateAuthority.AuthorityDays - 2), days: 1);
        var future = Make("future", "localhost", DateTimeOffset.UtcNow.AddDays(2));
        File.WriteAllText(Path.Combine(_directory, "nothing"), "nothing");
        var tls = Server(files) with { CaFile = files["ca.crt"], RequireClientCertificate = true };
        tls = fault switch
        {
            "no key" => tls with { KeyFile = "" },
            "no certificate" => tls with { CertificateFile = "", RequireClientCertificate = false },
            "missing key" => tls with { KeyFile = files["nowhere"] },
            "other key" => tls with { KeyFile = other["server.key"] },
            "no pem" => tls with { CertificateFile = Path.Combine(_directory, "nothing") },
            "expired" => tls with { CertificateFile = past["server.crt"], KeyFile = past["server.key"] },
            "not yet" => tls with { CertificateFile = future["server.crt"], KeyFile = future["server.key"] },
            "expired authority" => tls with { CaFile = past["ca.crt"] },
            "empty authority" => tls with { CaFile = Path.Combine(_directory, "nothing") },
            "clients without authority" => tls with { CaFile = "" },
            _ => throw new ArgumentOutOfRangeException(nameof(fault)),
        };
        Assert.Contains(message, Assert.Throws<ConfigurationException>(() => ServerTls.Open("replay.tls", tls, TimeProvider.System)).Message);
    }

    [Fact]
    public void A_certificate_that_has_run_out_is_named_to_the_client()
    {
        var past = Make("past", "localhost", DateTimeOffset.UtcNow.AddDays(-3), days: 2);
        using var expired = X509Certificate2.CreateFromPem(File.ReadAllText(past["server.crt"]));
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(past["ca.crt"]);
        Assert.StartsWith(
            "its certificate expired on", PeerCheck.Fault(expired, null, SslPolicyErrors.RemoteCertificateChainErrors, authorities, isServer: true));
        Assert.Equal("it shows no certificate", PeerCheck.Fault(null, null, SslPolicyErrors.RemoteCertificateNotAvailable, authorities, isServer: true));
    }

    [Fact]
    public void Files_are_never_overwritten_and_keys_are_their_owner_s()
    {
        var files = Make("own");
        var before = Directory.GetFiles(Path.Combine(_directory, "own")).ToDictionary(file => file, File.ReadAllText);
        Assert.Equal(6, before.Count);
        Assert.Contains("--renew", Assert.Throws<UserErrorException>(() => files.Create(Here, 1)).Message);
        Assert.All(before, file => Assert.Equal(file.Value, File.ReadAllText(file.Key)));
        Assert.All(before.Keys.Where(file => file.EndsWith(".key", StringComparison.Ordinal)), file =>
            Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite), file));

        files.Renew(Here, 30);
        Assert.Equal(["ca.crt", "ca.key"], before.Where(file => file.Value == File.ReadAllText(file.Key)).Select(file => Path.GetFileName(file.Key)).Order());
        Assert.InRange((files.Expiry("server.crt")!.Value - DateTimeOffset.UtcNow).TotalDays, 29, 30.1);
        Assert.Contains("holds no authority", Assert.Throws<UserErrorException>(() => new CertificateAuthority(_directory, TimeProvider.System).Renew(Here, 1)).Message);
    }

    private static TlsFiles Server(CertificateAuthority files) => new() { CertificateFile = files["server.crt"], KeyFile = files["server.key"] };

    private static TlsFiles Client(CertificateAuthority files) =>
        new() { CertificateFile = files["client.crt"], KeyFile = files["client.key"], CaFile = files["ca.crt"] };

    private static Task<EdgeHost> StartAsync(TlsFiles files) => EdgeHost.StartAsync(tls: ServerTls.Open("replay.tls", files, TimeProvider.System));

    private CertificateAuthority Make(string name, string host = "127.0.0.1", DateTimeOffset? now = null, int days = 10)
    {
        var authority = new CertificateAuthority(Path.Combine(_directory, name), now is { } then ? new FixedClock(then) : TimeProvider.System);
        authority.Create([host], days);
        return authority;
    }

    private static async Task<string> AskAsync(Hosting.Edge.ReplayChannel channel) =>
        (await new Edge.EdgeClient(channel.Invoker).ReadAsync(new EdgeMessage { Text = "hi" })).Text;

    private static async Task<Status> RefusedAsync(Hosting.Edge.ReplayChannel channel) =>
        (await Assert.ThrowsAsync<RpcException>(() => AskAsync(channel))).Status;

    private sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
