using Dreamer.Environments;
using Dreamer.Hosting.Edge.Tls;
using Dreamer.Remote.Tests.Support;
using Dreamer.Spaces;

namespace Dreamer.Remote.Tests;

/// <summary>Who may play in what deploy/serve_gymnasium.py serves.</summary>
public sealed class ScriptSecurityTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("dreamer-script").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task With_token_and_certificate_it_is_played_and_without_either_it_is_not()
    {
        var files = Authority("tls");
        var token = Secret("token", "of-those-who-may\nof-those-who-also-may\n");
        await using var server = await PythonServer.StartAsync(
            "CartPole", "--token-file", token, "--certificate", files["server.crt"], "--key", files["server.key"], "--ca", files["ca.crt"]);
        var client = new RemoteOptions
        {
            TokenFile = Secret("mine", "of-those-who-also-may"),
            Tls = new TlsFiles { CertificateFile = files["client.crt"], KeyFile = files["client.key"], CaFile = files["ca.crt"] },
            ConnectTimeoutSeconds = 60,
        };
        using (var environment = Join(server, client))
        {
            environment.Reset(new TimeStep(environment.Spec));
        }

        Refuses("set env.remote.token_file", server, client with { TokenFile = "" });
        Refuses("set env.remote.token_file", server, client with { TokenFile = Secret("wrong", "of-those-who-ma") });
        Refuses("its certificate comes from another authority", server, client with { Tls = client.Tls with { CaFile = Authority("other")["ca.crt"] } });

        // What the file no longer holds opens nothing.
        File.WriteAllText(token, "a-newer-one");
        Refuses("set env.remote.token_file", server, client);
        using var newer = Join(server, client with { TokenFile = token });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_without_a_certificate_or_without_TLS_does_not_get_in(bool tls)
    {
        var files = Authority("tls");
        await using var server = await PythonServer.StartAsync("CartPole", "--certificate", files["server.crt"], "--key", files["server.key"], "--ca", files["ca.crt"]);
        var client = new RemoteOptions { ConnectTimeoutSeconds = 5, Tls = new TlsFiles { CaFile = tls ? files["ca.crt"] : "" } };

        Assert.Throws<RemoteEnvironmentException>(() => Join(server, client));
    }

    [Theory]
    [InlineData("--token-file", "--token-file", "no-such-file")]
    [InlineData("--certificate and --key go together", "--certificate", "no-such-file")]
    [InlineData("--key: no-such-file cannot be read", "--certificate", "no-such-file", "--key", "no-such-file")]
    [InlineData("--ca is", "--ca", "no-such-file")]
    public async Task Files_that_cannot_be_used_are_named_at_once(string reason, params string[] flags)
    {
        var (code, errors) = await PythonServer.RefuseAsync("tasks:CartPole", flags);

        Assert.Equal(1, code);
        Assert.Contains(reason, errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);
    }

    private CertificateAuthority Authority(string name)
    {
        var files = new CertificateAuthority(Path.Combine(_directory, name), TimeProvider.System);
        files.Create(["127.0.0.1"], 10);
        return files;
    }

    private string Secret(string name, string text)
    {
        var path = Path.Combine(_directory, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static IEnvironment Join(PythonServer server, RemoteOptions options) =>
        new RemoteScheme().Make(new EnvironmentOptions { Name = server.Name, Remote = options }, 1);

    private static void Refuses(string because, PythonServer server, RemoteOptions options)
    {
        var message = Assert.Throws<RemoteEnvironmentException>(() => Join(server, options)).Message;
        Assert.True(message.Contains(because, StringComparison.Ordinal), message);
    }
}
