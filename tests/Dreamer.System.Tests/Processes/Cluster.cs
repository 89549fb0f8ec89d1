using System.Text.Json;
using Dreamer.Agents;
using Dreamer.Chaos;
using Dreamer.Contracts.Clients;
using Dreamer.Environments;
using Dreamer.Environments.Fakes;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Edge;
using Dreamer.Hosting.Settings;
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
            "--logdir", _directory["run"], "--env.fake.ledger", _directory["ledgers"],
            "--actor.flush_seconds", $"{Until.Limit.TotalSeconds}", "--replay.redis_wait_seconds", $"{Until.Limit.TotalSeconds}", .. settings,
        ];
        Ledgers = new LedgerBook(_directory["ledgers"]);
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
            ["DREAMER__REPLAY__OPERATOR_TOKEN_FILE"] = Secret("operator", "token-of-the-operator"),
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

    /// <summary>What the environments of all actors have handed out.</summary>
    public LedgerBook Ledgers { get; }

    public RunDirectory Run { get; }

    public string ReplayAddress => _addresses[1];

    public string ReplayHealth => _addresses[2];

    public string LearnerHealth => _addresses[3];

    /// <summary>Settings of every process as variables.</summary>
    public IReadOnlyDictionary<string, string> Variables => _environment;

    /// <summary>Setting flags of a process that shows a role's token, for a shell.</summary>
    public string CommandLine(string token) => string.Join(' ', [.. _settings, "--replay.token_file", _directory[token]]);

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

    /// <summary>A learner that learns nothing and holds every batch against the ledgers.</summary>
    public ChildProcess StartChecker(params string[] more) => Start(ChaosLearner.Command, "learner", more);

    /// <summary>Batches that the checker found wrong.</summary>
    public string WrongBatches => File.Exists(Run.In(ChaosLearner.FaultFile)) ? File.ReadAllText(Run.In(ChaosLearner.FaultFile)) : "";

    public ChildProcess StartActor(int index, params string[] more) =>
        Start("actor", "actor", ["--actor.name", $"actor-{index}", "--actor.index", $"{index}", "--actor.environments", "2", .. more]);

    /// <summary>A relay of the weights that listens there.</summary>
    public ChildProcess StartRelay(string listen, string health) => Start("relay", "actor", ["--relay.listen", listen, "--relay.health_listen", health]);

    public ChildProcess StartEvaluator(int index, params string[] more) =>
        Start("actor", "actor", ["--actor.role", "eval", "--actor.name", $"eval-{index}", "--actor.index", $"{index}", .. more]);

    /// <summary>A command that an operator gives the replay service, run to its end.</summary>
    public Task<(int Code, string Output, string Errors)> OperateAsync(string command, params string[] more) => DreamerCommand.RunAsync(
        _directory.Path, [command, "--replay", ReplayAddress, "--replay.token_file", _directory["operator"], .. more]);

    /// <summary>What <c>dreamer status --json</c> says to an operator.</summary>
    public async Task<JsonElement> StatusAsync()
    {
        var (code, output, errors) = await OperateAsync("status", "--json");
        Assert.True(code == 0, $"{errors}\n{Said}");
        return JsonDocument.Parse(output).RootElement;
    }

    /// <summary>All of it with that many actors.</summary>
    public async Task<(ChildProcess Replay, ChildProcess Learner, ChildProcess[] Actors)> StartAllAsync(int actors)
    {
        await Redis.StartAsync();
        return (StartReplay(), StartLearner(), [.. Enumerable.Range(0, actors).Select(index => StartActor(index))]);
    }

    /// <summary>Redis, the replay service, the checker in the learner's place, and actors.</summary>
    public async Task<(ChildProcess Replay, ChildProcess Learner, ChildProcess[] Actors)> StartCheckedAsync(int actors)
    {
        await Redis.StartAsync();
        return (StartReplay(), StartChecker(), [.. Enumerable.Range(0, actors).Select(index => StartActor(index))]);
    }

    /// <summary>Waits until so many actors are connected.</summary>
    public Task ConnectedAsync(int actors) => Until.HoldsAsync(
        $"{actors} actors are connected", async () => await MetricAsync("dreamer_replay_actors_connected") == actors, () => Said);

    /// <summary>Waits until each of these has stepped its environments: one that is only connected has no life yet, and no stream.</summary>
    public Task ActAsync(params ChildProcess[] actors) =>
        Until.HoldsAsync("every actor acts", () => Array.TrueForAll(actors, actor => Ledgers.RecordsOf(actor.Id) > 0), () => Said);

    /// <summary>Waits until the service has something of so many streams of a connected actor.</summary>
    public Task SentAsync(int actor, int streams) => Until.HoldsAsync(
        $"actor {actor} has sent something of {streams} streams",
        async () => (await StatusAsync()).GetProperty("actors").EnumerateArray()
            .Any(each => each.GetProperty("actor").GetString() == $"actor-{actor}" && each.GetProperty("streams").GetInt64() == streams),
        () => Said);

    /// <summary>Waits until an instrument of the replay service has this value or more.</summary>
    public Task ReachesAsync(string metric, double value) => Until.HoldsAsync(
        $"{metric} reaches {value}", async () => await MetricAsync(metric) >= value, () => Said);

    /// <summary>What an instrument of the replay service shows.</summary>
    public Task<double> MetricAsync(string metric) => Health.MetricAsync(ReplayHealth, metric, () => Said);

    /// <summary>
    /// Ends everything cleanly and holds what Redis has against what the environments handed out: nothing doubled, altered, out of order or
    /// wrong in a batch, and nothing missing but what <paramref name="missing"/> allows a life.
    /// </summary>
    public async Task<IReadOnlyList<LifeAudit>> EndAsync(
        ChildProcess replay, ChildProcess learner, IEnumerable<ChildProcess> actors, Func<LifeAudit, long>? missing = null)
    {
        ChildProcess[] ending = [.. actors];
        await ActAsync(ending);
        await TerminateAsync(ending);
        await TerminateAsync(learner);
        await TerminateAsync(replay);
        Assert.Equal("", WrongBatches);
        var lives = await AuditAsync();
        Assert.All(lives, life => Assert.True(
            life.Duplicated + life.Altered + life.Disordered == 0 && life.Lost + life.Tail <= (missing?.Invoke(life) ?? 0), $"{life}\n{Said}"));
        return lives;
    }

    /// <summary>Holds what Redis has against the ledgers; the replay service must be down.</summary>
    public async Task<IReadOnlyList<LifeAudit>> AuditAsync()
    {
        var stored = await ReadAsync();
        var audit = new ExperienceAudit(Ledgers, stored.Schema);
        foreach (var (record, chunk) in stored.Records.Zip(stored.Chunks))
        {
            audit.Add(record, chunk);
        }

        Assert.Equal(0, audit.Foreign);
        return audit.Lives();
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

    /// <summary>Steps that the replay service has committed in all.</summary>
    public async Task<long> InsertedStepsAsync() => (long)await MetricAsync("dreamer_replay_inserted_steps_total");

    /// <summary>Waits until the service has this many steps more than now, from all the actors that are connected.</summary>
    public async Task InsertAsync(long steps)
    {
        var target = await InsertedStepsAsync() + steps;
        await Until.HoldsAsync($"{target} steps inserted", async () => await InsertedStepsAsync() >= target, () => Said);
    }

    /// <summary>Waits until the learner of now has done this many updates.</summary>
    public Task UpdateAsync(int updates) => Until.HoldsAsync(
        $"{updates} updates", async () => await Health.MetricAsync(LearnerHealth, "dreamer_learner_updates_total", () => Said) >= updates, () => Said);

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
    public Task<StoredExperience> ReadAsync() => StoredExperience.ReadAsync(Redis, _directory["redis-password"]);

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
