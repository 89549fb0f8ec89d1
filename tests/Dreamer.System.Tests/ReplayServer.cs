using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Edge;
using Dreamer.Hosting.Settings;
using Dreamer.Replay;
using Dreamer.System.Tests.Processes;

namespace Dreamer.System.Tests;

/// <summary>The replay service on a free port of this process, in memory, with tokens.</summary>
internal sealed class ReplayServer : IAsyncDisposable
{
    private readonly DirectoryInfo _secrets = Directory.CreateTempSubdirectory("dreamer-test-");
    private readonly CancellationTokenSource _stop = new();
    private readonly Task<int> _running;

    /// <param name="flags">Settings beside those of the test, e.g. <c>--limiter.head_start_steps</c>, <c>5000</c>.</param>
    public ReplayServer(params string[] flags)
    {
        Address = FreePorts.Take(1)[0];

        // No environment: a variable of the machine that runs the tests must not decide what is tested.
        string[] settings =
        [
            "--replay.store", "memory", "--replay.listen", Address, "--replay.address", $"http://{Address}",
            "--replay.actor_token_file", Secret("actor"), "--replay.learner_token_file", Secret("learner"),
            "--replay.operator_token_file", Secret("operator"),
            "--replay.health_listen", "",
        ];
        Configuration = ConfigurationLoader.Load(new ConfigurationRequest([.. settings, .. flags]) { Environment = new Dictionary<string, string>() });
        _running = Task.Run(() => ReplayHost.RunAsync(Configuration, _stop.Token));
    }

    /// <summary>host:port of the gRPC endpoint; clients wait for it.</summary>
    public string Address { get; }

    public DreamerConfiguration Configuration { get; }

    /// <summary>File with a role's token.</summary>
    public string TokenFileOf(string role) => Path.Combine(_secrets.FullName, role);

    public static string TokenOf(string role) => $"token-of-the-{role}";

    /// <summary>A connection that shows a role's token.</summary>
    /// <param name="by">host:port of what lies before the service; null for nothing.</param>
    public ReplayChannel OpenChannel(string role, string? by = null) =>
        ReplayChannel.Open(Configuration.Bind<ReplaySettings>("replay") with { TokenFile = TokenFileOf(role), Address = $"http://{by ?? Address}" });

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _running;
        }
        catch (OperationCanceledException)
        {
        }

        _stop.Dispose();
        _secrets.Delete(recursive: true);
    }

    private string Secret(string role)
    {
        var path = Path.Combine(_secrets.FullName, role);
        File.WriteAllText(path, TokenOf(role));
        return path;
    }
}
