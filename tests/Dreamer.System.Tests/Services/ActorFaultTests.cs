using Dreamer.System.Tests.Processes;

namespace Dreamer.System.Tests.Services;

/// <summary>Actors and their environments fail, each for real; the ledgers say what must have arrived.</summary>
public sealed class ActorFaultTests
{
    private const int Chunk = 64;

    /// <summary>What a killed actor may take with it: fewer than 64.</summary>
    private const int Held = 63;

    [Fact]
    public async Task A_killed_actor_takes_fewer_than_64_steps_of_each_environment_with_it()
    {
        await using var cluster = new Cluster("--env.fake.step_milliseconds", "2");
        var (replay, learner, actors) = await cluster.StartCheckedAsync(actors: 2);
        await cluster.ConnectedAsync(2);
        await cluster.InsertAsync(20 * Chunk);

        // Wherever in a chunk that is.
        var killed = new HashSet<int>();
        for (var kill = 0; kill < 4; kill++)
        {
            killed.Add(actors[0].Id);
            await cluster.ActAsync(actors[0]);
            await actors[0].KillAsync();
            await cluster.ConnectedAsync(1);
            await cluster.InsertAsync(4 * Chunk);
            actors[0] = cluster.StartActor(0);
            await cluster.ConnectedAsync(2);
            await cluster.InsertAsync((4 * Chunk) + (kill * 17));
        }

        var lives = await cluster.EndAsync(replay, learner, actors, life => killed.Contains(life.Process) ? Held : 0);
        Assert.Equal(12, lives.Count);
        Assert.All(lives, life => Assert.Equal(0, life.Lost));
    }

    [Fact]
    public async Task A_frozen_actor_counts_as_lost_and_is_back_with_everything_when_it_goes_on()
    {
        await using var cluster = new Cluster("--replay.lost_after_seconds", "3");
        var (replay, learner, actors) = await cluster.StartCheckedAsync(actors: 2);
        await cluster.ConnectedAsync(2);
        await cluster.InsertAsync(20 * Chunk);

        actors[0].Freeze();
        await cluster.ReachesAsync("dreamer_replay_actors_lost_total", 1);
        await cluster.ConnectedAsync(1);
        await cluster.InsertAsync(10 * Chunk);
        actors[0].Thaw();
        await cluster.ConnectedAsync(2);
        await cluster.InsertAsync(20 * Chunk);

        Assert.Equal(4, (await cluster.EndAsync(replay, learner, actors)).Count);
    }

    [Fact]
    public async Task An_environment_that_throws_is_restarted_within_the_budget_and_nothing_of_it_is_lost()
    {
        await using var cluster = new Cluster("--env.fake.fail_after", "100", "--actor.restarts", "3", "--actor.restarts_per_minute", "100");
        var (replay, learner, actors) = await cluster.StartCheckedAsync(actors: 1);

        Assert.Equal(1, await actors[0].ExitAsync());
        Assert.Matches("error: Environment [01] broke down and was not restarted: .*fake.fail_after", actors[0].Errors);

        // Two environments, three restarts between them; the fourth failure is the end, after one of them has stepped once more.
        var lives = await cluster.EndAsync(replay, learner, [], _ => 1);
        Assert.Equal(5, lives.Count);
    }

    [Fact]
    public async Task A_hung_environment_ends_its_actor_which_hands_in_what_it_has()
    {
        // So long that a thread which gets no processor has not hung.
        await using var cluster = new Cluster("--env.fake.hang_after", "100", "--actor.step_timeout_seconds", "20");
        var (replay, learner, actors) = await cluster.StartCheckedAsync(actors: 1);

        Assert.Equal(1, await actors[0].ExitAsync());
        Assert.Contains("actor.step_timeout_seconds", DreamerCommand.ErrorLine(actors[0].Errors));
        var lives = await cluster.EndAsync(replay, learner, []);
        Assert.Equal(2, lives.Count);
        Assert.All(lives, life => Assert.InRange(life.Stored, 100, 102));
    }

    [Fact]
    public async Task Actors_come_and_go_while_the_learner_trains()
    {
        await using var cluster = new Cluster("--env.fake.step_milliseconds", "2");
        var (replay, learner, actors) = await cluster.StartCheckedAsync(actors: 1);
        await cluster.ConnectedAsync(1);
        await cluster.InsertAsync(10 * Chunk);

        ChildProcess[] more = [.. Enumerable.Range(1, 5).Select(index => cluster.StartActor(index))];
        await cluster.ConnectedAsync(6);
        await cluster.InsertAsync(60 * Chunk);
        await cluster.ActAsync(more);
        await cluster.TerminateAsync(more);
        await cluster.ConnectedAsync(1);
        await cluster.InsertAsync(10 * Chunk);
        Assert.True(replay.Running && learner.Running, cluster.Said);

        Assert.Equal(12, (await cluster.EndAsync(replay, learner, actors)).Count);
    }
}
