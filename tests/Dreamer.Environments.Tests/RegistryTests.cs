using Dreamer.Environments.CarRacing;
using Dreamer.Environments.Fakes;
using Dreamer.Spaces;

namespace Dreamer.Environments.Tests;

public sealed class RegistryTests
{
    [Theory]
    [InlineData("CartPole-v2", "CartPole-v1")]
    [InlineData("cartpole", "CartPole-v1")]
    [InlineData("pendulum", "Pendulum-v1")]
    [InlineData("MountainCarContinous-v0", "MountainCarContinuous-v0")]
    [InlineData("mountaincar", "MountainCar-v0")]
    [InlineData("dmc_walker_wlak", "dmc_walker_walk")]
    [InlineData("cheetah_run", "dmc_cheetah_run")]
    public void An_unknown_name_gets_the_nearest_right_one(string name, string nearest)
    {
        var error = Assert.Throws<UnknownEnvironmentException>(() => EnvironmentRegistry.Make(new EnvironmentOptions { Name = name }, 0));
        Assert.Equal($"There is no environment '{name}'. Did you mean '{nearest}'?", error.Message);
    }

    [Fact]
    public void A_name_that_is_near_to_none_gets_all_of_them()
    {
        var error = Assert.Throws<UnknownEnvironmentException>(() => EnvironmentRegistry.Find("xyz"));
        Assert.All(EnvironmentRegistry.All, info => Assert.Contains(info.Name, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_environment_can_be_made_in_every_view_and_names_are_unique()
    {
        Assert.Distinct(EnvironmentRegistry.All.Select(info => info.Name));
        // The Control suite's may show zeros, such as a touch of nothing, and have tests of their own.
        foreach (var info in EnvironmentRegistry.All.Where(info => !info.Name.StartsWith("dmc_", StringComparison.Ordinal)))
        {
            foreach (var observation in Enum.GetValues<ObservationKind>())
            {
                using var environment = EnvironmentRegistry.Make(new EnvironmentOptions { Name = info.Name, Observation = observation, Size = 16 }, 0);
                var step = new TimeStep(environment.Spec);
                environment.Reset(step);
                environment.Step(new float[environment.Spec.Action.Size], step);
                Assert.All(step.Observations, tensor => Assert.Contains(tensor, value => value != 0));
            }
        }
    }

    [Fact]
    public void Options_out_of_range_are_refused_by_name()
    {
        var options = new EnvironmentOptions { Name = "fake" };
        (EnvironmentOptions Options, string Setting)[] cases =
        [
            (options with { ActionRepeat = 0 }, "env.action_repeat"),
            (options with { TimeLimit = -1 }, "env.time_limit"),
            (options with { Size = 4 }, "env.size"),
            (options with { Observation = (ObservationKind)9 }, "env.observation"),
            (options with { CarRacing = new CarRacingOptions { Rules = "v2" } }, "env.car_racing.rules"),
            (options with { Difficulty = 101 }, "env.difficulty"),
            (options with { Name = "bsuite_discounting_chain", Difficulty = 6 }, "env.difficulty"),
            (options with { Fake = new FakeOptions { VectorSize = 1 } }, "env.fake.vector_size"),
            (options with { Fake = new FakeOptions { EpisodeLength = 0 } }, "env.fake.episode_length"),
            (options with { Fake = new FakeOptions { StepMilliseconds = -1 } }, "env.fake.step_milliseconds"),
            (options with { Fake = new FakeOptions { FailAfter = -1 } }, "env.fake.fail_after"),
            (options with { Remote = new RemoteOptions { Create = ["seed"] } }, "env.remote.create"),
            (options with { Remote = new RemoteOptions { Join = ["=1"] } }, "env.remote.join"),
            (options with { Remote = new RemoteOptions { ConnectTimeoutSeconds = 0 } }, "env.remote.connect_timeout_seconds"),
            (options with { Remote = new RemoteOptions { StepTimeoutSeconds = double.NaN } }, "env.remote.step_timeout_seconds"),
        ];
        foreach (var (bad, setting) in cases)
        {
            Assert.StartsWith(setting, Assert.Throws<ArgumentException>(() => EnvironmentRegistry.Make(bad, 0)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_scheme_makes_what_its_names_say()
    {
        EnvironmentRegistry.Add(new Steps());

        using var environment = EnvironmentRegistry.Make(new EnvironmentOptions { Name = "steps:2", ActionRepeat = 3 }, seed: 5);
        var step = new TimeStep(environment.Spec);
        environment.Reset(step);
        environment.Step([1, 0, 0, 0], step);

        Assert.Equal("2 at a time", EnvironmentRegistry.Find("steps:2").Description);
        Assert.True(step.IsLast);
        Assert.Equal("env.name: 'x' steps", Assert.Throws<ArgumentException>(() => EnvironmentRegistry.Find("steps:x")).Message);
        Assert.Throws<UnknownEnvironmentException>(() => EnvironmentRegistry.Find("step:2"));
    }

    private sealed class Steps : IEnvironmentScheme
    {
        public string Prefix => "steps";

        public EnvironmentInfo Find(string name) => int.TryParse(name[6..], out var steps)
            ? new(name, $"{steps} at a time", 0, 1, null, null)
            : throw new ArgumentException($"env.name: '{name[6..]}' steps");

        public IEnvironment Make(EnvironmentOptions options, ulong seed) =>
            new FakeEnvironment(new FakeOptions { EpisodeLength = int.Parse(options.Name[6..]) }, options.Observation, options.Size, seed);
    }

    [Theory]
    [InlineData("lerning_rate", "learning_rate")]
    [InlineData("BATCH", "batch")]
    [InlineData("entirely_else", null)]
    public void Suggestions_are_near_or_absent(string word, string? expected) =>
        Assert.Equal(expected, Suggest.Nearest(word, ["batch", "learning_rate", "horizon"]));
}
