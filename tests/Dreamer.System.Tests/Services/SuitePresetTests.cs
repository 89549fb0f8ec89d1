using Dreamer.Actor;
using Dreamer.Experience;
using Dreamer.Hosting.Configuration;
using Dreamer.Learner;
using Dreamer.Policies;
using Dreamer.System.Tests.Processes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dreamer.System.Tests.Services;

/// <summary>Every suite's preset with every agent that serves it, for a few updates at the sizes of <c>debug</c>.</summary>
public sealed class SuitePresetTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("dreamer_v3", "dmc_proprio", "dmc_cartpole_balance")]
    [InlineData("dreamer_v1", "dmc_proprio", "dmc_cartpole_balance", "dreamer_v1")]
    [InlineData("dreamer_v2", "dmc_proprio", "dmc_cartpole_balance", "dreamer_v2_dmc")]
    [InlineData("planet", "dmc_proprio", "dmc_cartpole_balance", "planet")]
    [InlineData("dreamer_v3", "dmc_small", "dmc_pendulum_swingup")]
    [InlineData("dreamer_v3", "dmc_vision", "dmc_cartpole_balance")]
    [InlineData("dreamer_v3", "dmc_vision", "dmc_cartpole_balance", "dreamer_v3_r2")]
    [InlineData("dreamer_v1", "dmc_vision", "dmc_cartpole_balance", "dreamer_v1_contrastive")]
    [InlineData("dreamer_v1", "dmc_vision", "dmc_cartpole_balance", "dreamer_v1_reward_only")]
    [InlineData("dreamer_v2", "dmc_vision", "dmc_cartpole_balance", "dreamer_v2_dmc")]
    [InlineData("planet", "dmc_vision", "dmc_cartpole_balance", "planet")]
    [InlineData("dreamer_v3", "bsuite", "bsuite_catch")]
    [InlineData("dreamer_v1", "bsuite", "bsuite_catch", "dreamer_v1_discrete")]
    [InlineData("dreamer_v2", "bsuite", "bsuite_catch", "dreamer_v2")]
    [InlineData("dreamer_v3", "crafter")]
    [InlineData("dreamer_v1", "crafter", "dreamer_v1_discrete")]
    [InlineData("dreamer_v2", "crafter", "dreamer_v2_crafter")]
    public async Task A_suite_trains_with_every_agent_that_serves_it(string agent, params string[] presets)
    {
        var configuration = ConfigurationLoader.Load(new ConfigurationRequest(
        [
            "--configs", .. presets, "debug", "--logdir", _directory["run"], "--threads", "1", "--actor.environments", "2", "--env.time_limit", "30",
            "--steps", "100", "--env.action_repeat", "1", "--limiter.train_ratio", "4", "--limiter.min_items", "40", "--limiter.pretrain_batches", "2",
        ])
        { Environment = new Dictionary<string, string>() });
        Assert.Equal(agent, configuration["agent"]);
        using var patience = new CancellationTokenSource(Until.Limit);
        using var learner = new LearnerComposition(configuration, TimeProvider.System, NullLoggerFactory.Instance);
        await using var buffer = await ReplayBuffer.OpenAsync(
            new MemoryChunkStore(), new ReplayOptions { ChunkSteps = 8, PretrainBatches = 2 }, TimeProvider.System, patience.Token);
        await using var replay = new LocalReplay(buffer);
        var feed = new PolicyMailbox();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(patience.Token);
        var acting = Task.Run(
            () => ActorHost.Loop(configuration.With("replay.chunk_steps", "8", "test"), 0, feed, replay, TimeProvider.System, NullLoggerFactory.Instance).RunAsync(ending.Token),
            CancellationToken.None);
        await await Task.WhenAny(learner.RunAsync(replay, feed, patience.Token), acting);
        await ending.CancelAsync();
        await acting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

        Assert.Equal((learner.Plan.TotalUpdates, true), (learner.Agent.Updates, learner.Agent.Updates >= 3));
    }
}
