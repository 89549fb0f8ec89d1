using System.Collections.Immutable;
using System.Diagnostics;
using Dreamer.Hosting;
using Dreamer.Hosting.Edge;

namespace Dreamer.Local;

/// <summary>
/// The distributed service as processes of this machine: Redis, the replay service, the learner, and actors, each
/// started again if it dies. Ends when the learner is done or on cancellation, actors first, so that nothing that was
/// sent is lost.
/// </summary>
/// <param name="settings">Setting flags of the user, passed on to every process.</param>
/// <param name="logdir">Directory of the run.</param>
/// <param name="actors">Actor processes.</param>
/// <param name="evaluators">Evaluation actors.</param>
/// <param name="tls">Speaks TLS, and every client shows a certificate.</param>
/// <param name="print">Takes lines for a person.</param>
/// <param name="learnerCommand">What runs as the learner.</param>
/// <param name="untilCancelled">Starts everything again however it ended, the learner too.</param>
internal sealed class LocalTopology(
    IReadOnlyList<string> settings, string logdir, int actors, int evaluators, bool tls, Action<string> print, string learnerCommand = "learner", bool untilCancelled = false)
{
    private static readonly TimeSpan RestartDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string directory = Directory.CreateDirectory(Path.Combine(logdir, "up")).FullName;

    /// <summary>Runs until the learner is done; returns its exit code.</summary>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var secrets = new LocalSecrets(directory, tls);
        var environment = Environment(secrets, out var redisArguments);
        var dreamer = System.Environment.ProcessPath!;
        var assembly = typeof(LocalTopology).Assembly.Location;
        ImmutableArray<string> Arguments(string role, params string[] more) => [assembly, role, .. settings, "--logdir", logdir, .. more];

        Dictionary<string, string> With(IEnumerable<KeyValuePair<string, string>> own) => new([.. environment, .. own]);
        var watch = new PrometheusTargets(settings);

        var redis = Keep("redis", "redis-server", redisArguments, environment, ending.Token);
        var replay = Keep("replay", dreamer, Arguments("replay"), watch.Add("replay", With(secrets.OfReplay())), ending.Token);
        var learner = Keep("learner", dreamer, Arguments(learnerCommand), watch.Add("learner", With(secrets.OfLearner())), ending.Token, once: true);
        var group = Enumerable.Range(0, actors)
            .Select(i => Keep($"actor-{i}", dreamer, Arguments("actor", "--actor.name", $"actor-{i}", "--actor.index", $"{i}"), watch.Add("actor", With(secrets.OfClient("actor"))), ending.Token))
            .Concat(Enumerable.Range(0, evaluators).Select(i =>
                Keep($"eval-{i}", dreamer, Arguments("actor", "--actor.role", "eval", "--actor.name", $"eval-{i}", "--actor.index", $"{i}"), watch.Add("actor", With(secrets.OfClient("actor"))), ending.Token)))
            .ToArray();
        await File.WriteAllTextAsync(Path.Combine(directory, "prometheus.yaml"), watch.ToString(), CancellationToken.None);
        OperatorSettings.Write(logdir, With(secrets.OfClient("operator")));
        print($"up: redis, replay, learner and {actors} actors; logs in {directory}");

        // Whoever gives up before the learner is done (a wrong setting, say) ends the whole.
        var first = await Task.WhenAny(
        [
            learner.Ended, replay.Ended, redis.Ended,
            .. group.Select(member => UnlessDrainedAsync(member.Ended, learner.Ended)),
        ]);
        var gaveUp = !learner.Ended.IsCompleted;
        learner.Stop.Cancel();
        var done = await learner.Ended;
        if (gaveUp)
        {
            done = await first is var code and not ExitCode.Success ? code : ExitCode.Failure;
            print($"up: a service gave up; the reason is in its log in {directory}");
        }

        foreach (var member in group)
        {
            member.Stop.Cancel();
        }

        await Task.WhenAll(group.Select(member => member.Ended));
        replay.Stop.Cancel();
        await replay.Ended;
        redis.Stop.Cancel();
        await redis.Ended;
        return done;
    }

    // An actor that ends well was told to by a drain: the learner follows.
    private static async Task<int> UnlessDrainedAsync(Task<int> actor, Task<int> learner) =>
        await actor is var code and not ExitCode.Success ? code : await learner;

    private Member Keep(
        string name, string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment,
        CancellationToken cancellationToken, bool once = false)
    {
        if (environment.FirstOrDefault(variable => variable.Key.EndsWith("__HEALTH_LISTEN", StringComparison.Ordinal)).Value is { Length: > 0 } health)
        {
            File.WriteAllText(Path.Combine(directory, $"{name}.health"), $"{health}\n");
        }

        // The learner stops at once on cancellation; the others only when it has ended.
        var stop = once ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken) : new CancellationTokenSource();
        return new Member(stop, Task.Run(() => KeepAsync(name, program, arguments, environment, once, stop.Token), CancellationToken.None));
    }

    private async Task<int> KeepAsync(
        string name, string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, bool once,
        CancellationToken stop)
    {
        while (true)
        {
            using var process = ManagedProcess.Start(
                name, program, arguments, environment, Path.Combine(directory, $"{name}.log"), once ? print : null);
            await File.WriteAllTextAsync(Path.Combine(directory, $"{name}.pid"), $"{process.Id}\n", CancellationToken.None);
            try
            {
                await process.WaitAsync(stop);
            }
            catch (OperationCanceledException)
            {
                await process.StopAsync(Patience);
                return process.ExitCode;
            }

            if (!untilCancelled && (process.ExitCode is ExitCode.Success or ExitCode.Usage || (once && process.ExitCode == ExitCode.Failure)))
            {
                return process.ExitCode;
            }

            print($"up: {name} ended with code {process.ExitCode}; starting it again (its log: {directory}/{name}.log)");
            try
            {
                await Task.Delay(RestartDelay, stop);
            }
            catch (OperationCanceledException)
            {
                return process.ExitCode;
            }
        }
    }

    /// <summary>Addresses of this run, as settings in environment variables, and a Redis configuration file.</summary>
    private Dictionary<string, string> Environment(LocalSecrets secrets, out IReadOnlyList<string> redisArguments)
    {
        var (redisPort, replayPort) = (LocalPorts.Take(), LocalPorts.Take());
        var data = Directory.CreateDirectory(Path.Combine(directory, "redis")).FullName;
        var configuration = Path.Combine(directory, "redis.conf");
        SecretFile.Write(configuration, $"""
            bind 127.0.0.1
            {secrets.RedisListens(redisPort)}
            dir "{data}"
            aclfile "{secrets.WriteRedisUsers()}"
            appendonly yes
            appendfsync everysec
            save ""
            maxmemory-policy noeviction
            """);
        redisArguments = [configuration];
        return new Dictionary<string, string>
        {
            ["DREAMER__REPLAY__STORE"] = "redis",
            ["DREAMER__REPLAY__REDIS"] = $"127.0.0.1:{redisPort}",
            ["DREAMER__REPLAY__LISTEN"] = $"127.0.0.1:{replayPort}",
            ["DREAMER__REPLAY__ADDRESS"] = $"{(tls ? "https" : "http")}://127.0.0.1:{replayPort}",
        };
    }

    private sealed record Member(CancellationTokenSource Stop, Task<int> Ended);
}
