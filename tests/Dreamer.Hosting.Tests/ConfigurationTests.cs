using Dreamer.Environments;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Settings;

namespace Dreamer.Hosting.Tests;

public sealed class ConfigurationTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("dreamer-config").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Later_layers_win_and_every_leaf_knows_its_source()
    {
        File.WriteAllText(Path.Combine(_directory, "dreamer.yaml"), "replay:\n  redis: file:1\n  user: file\nlimiter.train_ratio: 7\nlearner.prefetch: 5\n");
        var configuration = Load(
            new() { ["DREAMER__REPLAY__USER"] = "variable", ["DREAMER__LEARNER__PREFETCH"] = "6", ["DREAMER_FEED"] = "partial", ["PATH"] = "/bin" },
            "--configs", "debug", "size1m", "--learner.prefetch=8");

        Assert.Equal(("64", "preset size1m"), Leaf(configuration, "dreamer_v3.hidden"));
        Assert.Equal(("2", "preset debug"), Leaf(configuration, "dreamer_v3.stoch"));
        Assert.Equal(("7", "dreamer.yaml:4"), Leaf(configuration, "limiter.train_ratio"));
        Assert.Equal(("file:1", "dreamer.yaml:2"), Leaf(configuration, "replay.redis"));
        Assert.Equal(("variable", "DREAMER__REPLAY__USER"), Leaf(configuration, "replay.user"));
        Assert.Equal(("8", "--learner.prefetch"), Leaf(configuration, "learner.prefetch"));
        Assert.Equal(("64", "defaults"), Leaf(configuration, "replay.chunk_steps"));
        Assert.Equal(["debug", "size1m"], configuration.Presets);
    }

    [Fact]
    public void Presets_apply_in_order_and_after_those_of_the_command()
    {
        var request = new ConfigurationRequest(["--configs", "size12m,size25m"]) { Presets = ["debug"], WorkingDirectory = _directory, Environment = new Dictionary<string, string>() };
        var configuration = ConfigurationLoader.Load(request);
        Assert.Equal("3072", configuration["dreamer_v3.deter"]);
        Assert.Equal("5", configuration["dreamer_v3.bins"]);
        Assert.Equal(["debug", "size12m", "size25m"], configuration.Presets);
    }

    [Fact]
    public void The_name_of_an_environment_is_a_preset_that_selects_it()
    {
        var configuration = Load([], "--configs", "planet", "dmc_cartpole_swingup");
        Assert.Equal(("dmc_cartpole_swingup", "preset dmc_cartpole_swingup"), Leaf(configuration, "env.name"));
        Assert.Equal(("2", "preset planet"), Leaf(configuration, "env.action_repeat"));
        Assert.Equal("logdir/dmc_cartpole_swingup-planet-0", configuration["logdir"]);
        Assert.Equal(["planet", "dmc_cartpole_swingup"], configuration.Presets);
        Assert.Equal("--configs: there is no preset 'dmc_walker_wlk'; did you mean dmc_walker_walk?", Fails([], "--configs", "dmc_walker_wlk"));
    }

    [Fact]
    public void Presets_of_suites_are_the_published_ones()
    {
        var proprio = Load([], "--configs", "dmc_proprio", "dmc_walker_walk");
        Assert.Equal(["512", "1024.0", "16", "1", "vector"], Values(proprio, "dreamer_v3.deter", "limiter.train_ratio", "actor.environments", "env.action_repeat", "env.observation"));
        var vision = Load([], "--configs", "planet", "dmc_vision", "dmc_walker_walk");
        Assert.Equal(["8192", "256.0", "16", "1", "image"], Values(vision, "dreamer_v3.deter", "limiter.train_ratio", "actor.environments", "env.action_repeat", "env.observation"));
        var crafter = Load([], "--configs", "crafter");
        Assert.Equal(["crafter", "512.0", "1"], Values(crafter, "env.name", "limiter.train_ratio", "actor.environments"));
        Assert.Equal(["1024.0", "1"], Values(Load([], "--configs", "bsuite", "bsuite_catch"), "limiter.train_ratio", "actor.environments"));
        Assert.Equal(
            Values(Load([], "--configs", "cartpole"), "dreamer_v3.deter", "dreamer_v3.units", "dreamer_v3.blocks", "dreamer_v3.batch_length"),
            Values(Load([], "--configs", "dmc_small"), "dreamer_v3.deter", "dreamer_v3.units", "dreamer_v3.blocks", "dreamer_v3.batch_length"));
    }

    [Fact]
    public void Short_flags_reach_their_settings()
    {
        var configuration = Load([], "--env", "Pendulum-v1", "--seed", "3", "--steps", "5e4", "--actor.parallel", "--logdir", "runs/{env.name}/{seed}");
        Assert.Equal("Pendulum-v1", configuration.Bind<EnvironmentOptions>("env").Name);
        var run = configuration.Bind<RunSettings>("");
        Assert.Equal((3, 50_000, "runs/Pendulum-v1/3"), (run.Seed, run.Steps, run.Logdir));
        Assert.Equal(("true", "--actor.parallel"), Leaf(configuration, "actor.parallel"));
    }

    [Fact]
    public void The_default_logdir_depends_on_task_and_seed_only() =>
        Assert.Equal("logdir/CartPole-v1-dreamer_v3-2", Load([], "--seed", "2")["logdir"]);

    [Theory]
    [InlineData("--replay.capasity_steps", "unknown flag --replay.capasity_steps; did you mean --replay.capacity_steps?")]
    [InlineData("--capacity_steps", "unknown flag --capacity_steps; did you mean --replay.capacity_steps?")]
    [InlineData("--replya.redis", "unknown flag --replya.redis; did you mean --replay.redis?")]
    [InlineData("--episods", "unknown flag --episods; did you mean --episodes?")]
    [InlineData("--zzzzzzzz", "unknown flag --zzzzzzzz; 'dreamer config show' lists every setting.")]
    public void Unknown_flags_are_refused_with_the_nearest_right_one(string flag, string message)
    {
        var request = new ConfigurationRequest([flag, "1"]) { WorkingDirectory = _directory, Environment = new Dictionary<string, string>(), CommandFlags = ["--episodes"] };
        var error = Assert.Throws<ConfigurationException>(() => ConfigurationLoader.Load(request));
        Assert.Equal(message, error.Message);
        Assert.Equal(2, error.ExitCode);
    }

    [Fact]
    public void Unknown_presets_variables_and_file_keys_are_refused()
    {
        Assert.Equal("--configs: there is no preset 'cartpol'; did you mean cartpole?", Fails([], "--configs", "cartpol"));
        Assert.StartsWith("--configs: there is no preset 'defaults'", Fails([], "--configs", "defaults"));
        Assert.Equal(
            "unknown setting 'replay.rediss' (from DREAMER__REPLAY__REDISS); did you mean replay.redis?",
            Fails(new() { ["DREAMER__REPLAY__REDISS"] = "x" }));
        File.WriteAllText(Path.Combine(_directory, "mine.yaml"), "seed: 1\nlearner:\n  publish_second: 3\n");
        Assert.Equal(
            "unknown setting 'learner.publish_second' (from mine.yaml:3); did you mean learner.publish_seconds?",
            Fails([], "--settings", "mine.yaml"));
    }

    [Fact]
    public void Unreadable_settings_files_are_named()
    {
        Assert.StartsWith("--settings: nowhere.yaml cannot be read", Fails([], "--settings", "nowhere.yaml"));
        File.WriteAllText(Path.Combine(_directory, "dreamer.yaml"), "a: [1\nb: }");
        Assert.StartsWith("dreamer.yaml: this is not valid YAML", Fails([]));
        File.WriteAllText(Path.Combine(_directory, "dreamer.yaml"), "seed: 1\nseed: 2\n");
        Assert.StartsWith("dreamer.yaml:2: this is not valid YAML", Fails([]));
        File.WriteAllText(Path.Combine(_directory, "dreamer.yaml"), "- 1\n");
        Assert.StartsWith("dreamer.yaml: settings are a mapping", Fails([]));
    }

    [Theory]
    [InlineData("replay.capacity_steps: 'abc' is not an integer (from --replay.capacity_steps).", "--replay.capacity_steps", "abc")]
    [InlineData("replay.capacity_steps: '0.5' is not an integer (from --replay.capacity_steps).", "--replay.capacity_steps", "0.5")]
    [InlineData("limiter.train_ratio: 'fast' is not a number (from --limiter.train_ratio).", "--limiter.train_ratio", "fast")]
    [InlineData("actor.parallel: 'maybe' is not true or false (from --actor.parallel).", "--actor.parallel", "maybe")]
    [InlineData("--replay.redis needs a value, e.g. --replay.redis 127.0.0.1:6379.", "--replay.redis")]
    [InlineData("'oops' is not expected here: settings are written --key value, e.g. --seed 1.", "oops")]
    [InlineData("--configs needs the name of a preset, e.g. --configs cartpole.", "--configs")]
    public void Values_of_the_wrong_kind_are_refused_at_load(string message, params string[] arguments) =>
        Assert.Equal(message, Fails([], arguments));

    [Theory]
    [InlineData("replay.chunk_steps: '0' is outside 1 to 65536 (from --replay.chunk_steps).", "--replay.chunk_steps", "0")]
    [InlineData("replay.store: 'rediss' is not one of memory, redis; did you mean redis? (from --replay.store).", "--replay.store", "rediss")]
    [InlineData("replay.chunk_steps: '5e12' is too large (from --replay.chunk_steps).", "--replay.chunk_steps", "5e12")]
    public void Values_out_of_range_are_refused_when_bound(string message, params string[] arguments)
    {
        var configuration = Load([], arguments);
        Assert.Equal(message, Assert.Throws<ConfigurationException>(() => configuration.Bind<ReplaySettings>("replay")).Message);
    }

    [Fact]
    public void Remedies_of_attributes_and_allowed_values_are_shown()
    {
        Assert.Equal(
            "logdir: '' is missing (from --logdir); name the directory that metrics and checkpoints go to",
            Assert.Throws<ConfigurationException>(() => Load([], "--logdir", "").Bind<RunSettings>("")).Message);
        Assert.Equal(
            "device: 'gpu' is not one of cpu, cuda; did you mean cpu? (from --device).",
            Assert.Throws<ConfigurationException>(() => Load([], "--device", "gpu").Bind<RunSettings>("")).Message);
    }

    [Fact]
    public void Every_section_of_the_defaults_binds()
    {
        var configuration = Load([]);
        Assert.Equal(4L << 30, configuration.Bind<ReplaySettings>("replay").CapacityBytes);
        Assert.Equal(32, configuration.Bind<LimiterSettings>("limiter").TrainRatio);
        Assert.Equal(2, configuration.Bind<LearnerSettings>("learner").Prefetch);
        Assert.Equal(1, configuration.Bind<ActorSettings>("actor").Environments);
        Assert.Equal(10, configuration.Bind<TelemetrySettings>("telemetry").ExportSeconds);
        var environment = configuration.Bind<EnvironmentOptions>("env");
        Assert.Equal((ObservationKind.Vector, "discrete:4"), (environment.Observation, environment.Fake.Action.ToString()));
    }

    [Fact]
    public void Refusals_of_a_library_s_own_record_name_the_section()
    {
        var error = Assert.Throws<ConfigurationException>(() => Load([], "--env.size", "4").Bind<EnvironmentOptions>("env"));
        Assert.Matches("^env.*size must be 8 to 1024 pixels, got 4", error.Message);
        error = Assert.Throws<ConfigurationException>(() => Load([], "--env.fake.action.size", "0").Bind<EnvironmentOptions>("env"));
        Assert.StartsWith("env.fake.action: an action has at least one element", error.Message);
    }

    [Fact]
    public void Binding_is_strict_in_both_directions()
    {
        var configuration = Load([]);
        Assert.Contains("limiter.min_items", Assert.Throws<InvalidOperationException>(() => configuration.Bind<TooFew>("limiter")).Message);
        Assert.Contains("limiter.extra", Assert.Throws<InvalidOperationException>(() => configuration.Bind<TooMany>("limiter")).Message);
        Assert.Equal(32, configuration.Bind<Positional>("limiter").TrainRatio);
    }

    [Fact]
    public void Every_preset_resolves()
    {
        foreach (var preset in ConfigurationLoader.PresetNames)
        {
            Assert.Contains(Load([], "--configs", preset).Settings, setting => setting.Source == $"preset {preset}");
        }
    }

    [Fact]
    public void Yaml_given_back_as_settings_is_the_same_run()
    {
        var first = Load([], "--configs", "cartpole_image", "--replay.user", "a: \"b\" #c", "--replay.password_file", "true", "--logdir", "12");
        var path = Path.Combine(_directory, "config.yaml");
        File.WriteAllText(path, ConfigurationPrinter.ToYaml(first));
        var second = Load([], "--settings", path);
        Assert.Equal(first.Settings.Select(each => (each.Key, each.Value, each.Kind)), second.Settings.Select(each => (each.Key, each.Value, each.Kind)));
        Assert.All(second.Settings, each => Assert.StartsWith(path, each.Source));
    }

    [Fact]
    public void The_table_shows_key_value_and_source()
    {
        var line = ConfigurationPrinter.ToTable(Load([], "--seed", "9")).Split('\n').Single(text => text.StartsWith("seed "));
        Assert.Equal(["seed", "9", "--seed"], line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void With_replaces_one_value()
    {
        var configuration = Load([]).With("seed", "4", "evaluation");
        Assert.Equal(("4", "evaluation"), Leaf(configuration, "seed"));
        Assert.Throws<ConfigurationException>(() => configuration.With("seed", "x", "evaluation"));
    }

    private DreamerConfiguration Load(Dictionary<string, string> environment, params string[] arguments) =>
        ConfigurationLoader.Load(new ConfigurationRequest(arguments) { Environment = environment, WorkingDirectory = _directory });

    private string Fails(Dictionary<string, string> environment, params string[] arguments) =>
        Assert.Throws<ConfigurationException>(() => Load(environment, arguments)).Message;

    private static string[] Values(DreamerConfiguration configuration, params string[] keys) => [.. keys.Select(key => configuration[key])];

    private static (string, string) Leaf(DreamerConfiguration configuration, string key) => (configuration[key], configuration.SourceOf(key));

    private sealed record TooFew
    {
        public double TrainRatio { get; init; }

        public double ToleranceBatches { get; init; }

        public long HeadStartSteps { get; init; }

        public double MaxCatchUpSteps { get; init; }
    }

    private sealed record TooMany(double TrainRatio, double ToleranceBatches, int MinItems, long HeadStartSteps, double MaxCatchUpSteps, int Extra);

    private sealed record Positional(double TrainRatio, float ToleranceBatches, int MinItems, long PretrainBatches, long HeadStartSteps)
    {
        public double MaxCatchUpSteps { get; init; }
    }
}
