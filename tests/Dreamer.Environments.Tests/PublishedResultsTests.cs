using Dreamer.Environments.Published;

namespace Dreamer.Environments.Tests;

public sealed class PublishedResultsTests
{
    [Fact]
    public void Scores_stand_in_the_column_of_their_agent_and_steps()
    {
        var walker = PublishedResults.Of("dmc_walker_walk");
        Assert.Equal(1 + 3 + 1 + 4 + 4, walker.Length);
        Assert.Contains(new PublishedScore("planet", "image", 1_000_000, 951), walker);
        Assert.Contains(new PublishedScore("dreamer_v1", "image", 5_000_000, 954), walker);
        Assert.Contains(new PublishedScore("dreamer_v3", "image", 100_000, 605), walker);
        Assert.Contains(new PublishedScore("dreamer_v3", "vector", 500_000, 941), walker);
        Assert.DoesNotContain(PublishedResults.Of("dmc_pendulum_swingup"), score => score.Agent == "planet");
        Assert.DoesNotContain(PublishedResults.Of("dmc_quadruped_walk"), score => score.Observation == "vector");
        Assert.Empty(PublishedResults.Of("CartPole-v1"));
    }

    [Fact]
    public void Action_repeats_are_those_of_each_generation()
    {
        Assert.Equal(
            new Dictionary<string, int> { ["planet"] = 4, ["dreamer_v1"] = 2, ["dreamer_v2"] = 2, ["dreamer_v3"] = 1 },
            PublishedResults.ActionRepeats("dmc_cheetah_run"));
        Assert.DoesNotContain("planet", PublishedResults.ActionRepeats("dmc_hopper_stand").Keys);
        Assert.Empty(PublishedResults.ActionRepeats("CartPole-v1"));
    }
}
