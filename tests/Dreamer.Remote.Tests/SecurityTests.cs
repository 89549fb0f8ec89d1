using Dreamer.Environments;
using Dreamer.Hosting.Edge.Tls;
using Dreamer.Remote.Tests.Support;
using Dreamer.Spaces;

namespace Dreamer.Remote.Tests;

/// <summary>Who may play in a served environment.</summary>
public sealed class SecurityTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("dreamer-remote").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task With_token_and_certificate_it_is_played_and_without_either_it_is_not()
    {
        var files = new CertificateAuthority(Path.Combine(_directory, "tls"), TimeProvider.System);
        files.Create(["127.0.0.1"], 10);
        var token = Path.Combine(_directory, "token");
        await File.WriteAllTextAsync(token, "of-those-who-may");
        await using var server = await ServedEnvironment.StartAsync(Options("CartPole-v1") with
        {
            Remote = new RemoteOptions
            {
                TokenFile = token,
                Tls = new TlsFiles { CertificateFile = files["server.crt"], KeyFile = files["server.key"], CaFile = files["ca.crt"], RequireClientCertificate = true },
            },
        });

        var client = new RemoteOptions
        {
            TokenFile = token,
            Tls = new TlsFiles { CertificateFile = files["client.crt"], KeyFile = files["client.key"], CaFile = files["ca.crt"] },
        };
        using (var environment = Join(server, client))
        {
            environment.Reset(new TimeStep(environment.Spec));
        }

        Refuses("set env.remote.token_file", server, client with { TokenFile = "" });
        Refuses("set env.remote.tls.certificate_file", server, client with { Tls = new TlsFiles { CaFile = files["ca.crt"] } });
        Refuses("set env.remote.tls.ca_file", server, client with { Tls = new TlsFiles() });
        var other = new CertificateAuthority(Path.Combine(_directory, "other"), TimeProvider.System);
        other.Create(["127.0.0.1"], 10);
        Refuses("its certificate comes from another authority", server, client with { Tls = client.Tls with { CaFile = other["ca.crt"] } });
    }

    [Fact]
    public async Task An_address_has_so_many_environments_and_no_more()
    {
        await using var server = await ServedEnvironment.StartAsync(Options("CartPole-v1"), sessions: 1);
        using var first = Join(server, new RemoteOptions());
        Refuses("--sessions", server, new RemoteOptions());
    }

    private static EnvironmentOptions Options(string name) => new() { Name = name };

    private static IEnvironment Join(ServedEnvironment server, RemoteOptions options) =>
        new RemoteScheme().Make(Options(server.Name) with { Remote = options }, 1);

    private static void Refuses(string because, ServedEnvironment server, RemoteOptions options)
    {
        var message = Assert.Throws<RemoteEnvironmentException>(() => Join(server, options)).Message;
        Assert.True(message.Contains(because, StringComparison.Ordinal), message);
    }
}
