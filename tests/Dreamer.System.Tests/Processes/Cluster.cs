using Dreamer.Agents;
using Dreamer.Contracts.Clients;
using Dreamer.Environments;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Edge;
using Dreamer.Hosting.Settings;
using Dreamer.Redis;
using Microsoft.Extensions.Logging.Abstractions;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.System.Tests.Processes;

/// <summary>
/// The distributed topology in real processes, one thread each: Redis, replay service, learner, actors, with tokens and a
/// password. The environment is <c>fake</c>, whose records say which they are. Processes are started and killed by the test.
/// </summary>
internal sealed class Cluster : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly List<ChildProcess> _processes = [];
    private readonly string[] _settings;
    private readonly string[] _addresses = FreePorts.Take(4);
    private readonly Dictionary<string, string> _environment;

    /// <param name="settings">Setting flags beside those of the test.</param>
    public Cluster(params string[] settings)
    {
        _settings =
        [
            "--configs", "debug", "--env", "fake", "--steps", "1000000000", "--limiter.train_ratio", "1", "--learner.checkpoint_seconds", "0.5",
            "--logdir", _directory["run"], .. settings,
        ];
        Redis = new RedisProcess(_addresses[0], _directory["redis"]);
        Run = new RunDirectory(_directory["run"]);
        _environment = new Dictionary<string, string>
        {
            ["DREAMER__REPLAY__STORE"] = "redis",
            ["DREAMER__REPLAY__REDIS"] = Redis.Address,
            ["DREAMER__REPLAY__PASSWORD_FILE"] = Secret("redis-password", RedisProcess.Password),
            ["DREAMER__REPLAY__LISTEN"] = ReplayAddress,
            ["DREAMER__REPLAY__HEALTH_LISTEN"] = ReplayHealth,
            ["DREAMER__REPLAY__ADDRESS"] = $"http://{ReplayAddress}",
            ["DREAMER__REPLAY__ACTOR_TOKEN_FILE"] = Secret("actor", "token-of-the-actor"),
            ["DREAMER__REPLAY__LEARNER_TOKEN_FILE"] = Secret("learner", "token-of-the-learner"),
            ["DREAMER__LEARNER__HEALTH_LISTEN"] = LearnerHealth,
        };
    }

    /// <summary>Variables for every process.</summary>
    public Cluster With(params (string Name, string Value)[] variables)
    {
        foreach (var (name, value) in variables)
        {
            _environment[name] = value;
        }

        return this;
    }

    public RedisProcess Redis { get; }

    public RunDirectory Run { get; }

    public string ReplayAddress => _addresses[1];

    public string ReplayHealth => _addresses[2];

    public string LearnerHealth => _addresses[3];

    /// <summary>What every process said, for the message of a failed test.</summary>
    public string Said => string.Join('\n', _processes.Select(process => process.Said));

    /// <summary>A file with a secret.</summary>
    public string Secret(string name, string text)
    {
        File.WriteAllText(_directory[name], text);
        return _directory[name];
    }

    public ChildProcess StartReplay(params string[] more) => Start("replay", "learner", more);

    public ChildProcess StartLearner(params string[] more) => Start("learner", "learner", more);

    public ChildProcess StartActor(int index, params string[] more) =>
        Start("actor", "actor", ["--actor.name", $"actor-{index}", "--actor.index", $"{index}", "--actor.environments", "2", .. more]);

    /// <summary>All of it with that many actors.</summary>
    public async Task<(ChildProcess Replay, ChildProcess Learner, ChildProcess[] Actors)> StartAllAsync(int actors)
    {
        await Redis.StartAsync();
        return (StartReplay(), StartLearner(), [.. Enumerable.Range(0, actors).Select(index => StartActor(index))]);
    }

    /// <summary>Untrained weights, in place of a learner.</summary>
    public async Task PublishRandomWeightsAsync()
    {
        var configuration = ConfigurationLoader.Load(new ConfigurationRequest([.. _settings, "--replay.address", $"http://{ReplayAddress}", "--replay.token_file", _directory["learner"]])
        {
            Environment = new Dictionary<string, string>(),
        });
        using var agent = AgentFactory.Create(
            "dreamer_v3", configuration.Bind, EnvironmentRegistry.SpecOf(configuration.Bind<EnvironmentOptions>("env")), "cpu", seed: 0);
        using var channel = ReplayChannel.Open(configuration.Bind<ReplaySettings>("replay"));
        await using var feed = new GrpcPolicyFeed(new V1.Weights.WeightsClient(channel.Invoker), TimeProvider.System, NullLogger<GrpcPolicyFeed>.Instance);
        await feed.PublishAsync(agent.ExportPolicy(1), CancellationToken.None);
    }

    /// <summary>Steps that the replay service has committed in all, 0 while it is down.</summary>
    public async Task<long> InsertedStepsAsync() => (long)await Health.MetricAsync(ReplayHealth, "dreamer_replay_inserted_steps_total");

    /// <summary>Waits until the service has this many steps more than now, from all the actors that are connected.</summary>
    public async Task InsertAsync(long steps)
    {
        var target = await InsertedStepsAsync() + steps;
        await Until.HoldsAsync($"{target} steps inserted", async () => await InsertedStepsAsync() >= target, () => Said);
    }

    /// <summary>Waits until the learner of now has done this many updates.</summary>
    public Task UpdateAsync(int updates) => Until.HoldsAsync(
        $"{updates} updates", async () => await Health.MetricAsync(LearnerHealth, "dreamer_learner_updates_total") >= updates, () => Said);

    /// <summary>Ends a process with SIGTERM, which has to be its clean end.</summary>
    public async Task TerminateAsync(params ChildProcess[] processes)
    {
        foreach (var process in processes)
        {
            process.Terminate();
        }

        foreach (var process in processes)
        {
            Assert.True(await process.ExitAsync() == 0, Said);
        }
    }

    /// <summary>What Redis holds; the replay service must be down.</summary>
    public async Task<StoredExperience> ReadAsync()
    {
        var (store, _) = await RedisStores.OpenAsync(Redis.Address, "", _directory["redis-password"], TimeProvider.System, CancellationToken.None);
        return await StoredExperience.ReadAsync(store);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        await Redis.DisposeAsync();
        _directory.Dispose();
    }

    private ChildProcess Start(string role, string token, string[] more)
    {
        var process = DreamerCommand.Start(
            _directory.Path, [role, .. _settings, .. more], new Dictionary<string, string>(_environment) { ["DREAMER__REPLAY__TOKEN_FILE"] = _directory[token] });
        _processes.Add(process);
        return process;
    }
}
