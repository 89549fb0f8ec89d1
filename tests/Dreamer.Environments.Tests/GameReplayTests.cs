using System.Security.Cryptography;
using System.Text.Json;
using Dreamer.Spaces;

namespace Dreamer.Environments.Tests;

/// <summary>bsuite's tasks and PinPad follow recordings of the originals from the seed alone.</summary>
public sealed class GameReplayTests
{
    private const double Tolerance = 1e-6;

    public static TheoryData<string> Tasks =>
        ["bsuite_catch", "bsuite_deep_sea", "bsuite_memory_chain", "bsuite_umbrella_chain", "bsuite_discounting_chain", "bsuite_cartpole_swingup"];

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Bsuite_observations_rewards_and_ends_follow_the_recording(string name)
    {
        using var recording = Recording.Json("bsuite");
        var episodes = 0;
        foreach (var run in recording.RootElement.EnumerateArray().Where(run => run.GetProperty("name").GetString() == name))
        {
            var options = new EnvironmentOptions { Name = name, Difficulty = run.GetProperty("difficulty").GetInt32() };
            using var environment = EnvironmentRegistry.Make(options, run.GetProperty("seed").GetUInt64());
            var step = new TimeStep(environment.Spec);
            foreach (var record in run.GetProperty("records").EnumerateArray())
            {
                Play(environment, record[0].GetInt32(), step);
                Assert.Equal(record[1].GetDouble(), step.Reward, Tolerance);
                Assert.Equal(record[2].GetInt32() == 1, step.IsLast);
                Assert.Equal(step.IsLast, step.IsTerminal);
                Assert.All(record[3].EnumerateArray(), (value, index) => Assert.Equal(value.GetDouble(), step.Floats(0)[index], Tolerance));
                Assert.Equal(record[3].GetArrayLength(), step.Floats(0).Length);
                episodes += step.IsFirst ? 1 : 0;
            }
        }

        Assert.True(episodes >= 2, "nothing was recorded");
    }

    [Fact]
    public void PinPad_pictures_and_rewards_follow_the_recording()
    {
        using var recording = Recording.Json("pinpad");
        var total = 0f;
        foreach (var run in recording.RootElement.EnumerateArray())
        {
            var options = new EnvironmentOptions { Name = run.GetProperty("name").GetString()!, Observation = ObservationKind.Image };
            using var environment = EnvironmentRegistry.Make(options, run.GetProperty("seed").GetUInt64());
            var step = new TimeStep(environment.Spec);
            foreach (var record in run.GetProperty("records").EnumerateArray())
            {
                Play(environment, record[0].GetInt32(), step);
                Assert.Equal(
                    (record[1].GetSingle(), record[2].GetString()),
                    (step.Reward, Convert.ToHexStringLower(MD5.HashData(step.Observations[0]))));
                total += step.Reward;
            }
        }

        Assert.Equal(50, total);
    }

    private static void Play(IEnvironment environment, int action, TimeStep step)
    {
        if (action < 0)
        {
            environment.Reset(step);
            return;
        }

        var vector = new float[environment.Spec.Action.Size];
        vector[action] = 1;
        environment.Step(vector, step);
    }
}
