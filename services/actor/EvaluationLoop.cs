using Dreamer.Environments;
using Dreamer.Experience;
using Dreamer.Policies;
using Microsoft.Extensions.Logging;

namespace Dreamer.Actor;

/// <summary>
/// Follows the weights and plays episodes for their score: without exploration, each policy from the same seeds, and one policy from
/// the first step to the last. Nothing is stored but the scores.
/// </summary>
/// <param name="makeEnvironments">New environments for every policy.</param>
public sealed partial class EvaluationLoop(
    Func<VectorEnvironment> makeEnvironments, IPolicyFeed feed, IEvaluationLog log, EvaluationOptions options, ILogger<EvaluationLoop> logger)
{
    /// <summary>Runs until cancelled.</summary>
    /// <exception cref="EnvironmentFailedException">An environment failed more often than its budget allows.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var (version, due) = (-1L, 0L);
        while (true)
        {
            var blob = await feed.NextAsync(version, cancellation);
            version = blob.Version;
            if (blob.Steps < due)
            {
                continue;
            }

            due = options.Every > 0 ? ((blob.Steps / options.Every) + 1) * options.Every : 0;
            ActorMetrics.UsePolicy(version);
            EvaluatedEpisode[] episodes;
            try
            {
                episodes = Play(blob, cancellation);
            }
            catch (PolicyFormatException unfit)
            {
                ActorMetrics.PolicyRejected.Add(1);
                Log.Unfit(logger, version, unfit.Message);
                continue;
            }

            await log.ReportAsync(episodes, cancellation);
            Log.Played(logger, version, blob.Steps, episodes.Average(episode => episode.Return), episodes.Length);
        }
    }

    // Every slot plays its share to the end: the first to finish would be the short episodes.
    private EvaluatedEpisode[] Play(PolicyBlob blob, CancellationToken cancellation)
    {
        using var environments = makeEnvironments();
        var policy = PolicyFactory.Create(blob, environments.Count, options.Seed, PolicyPurpose.Evaluate);
        var slots = Enumerable.Range(0, environments.Count).ToArray();
        var left = slots.Select(slot => (options.Episodes / slots.Length) + (slot < options.Episodes % slots.Length ? 1 : 0)).ToArray();
        var actions = new float[slots.Length * environments.Spec.Action.Size];
        var (scores, lengths) = (new double[slots.Length], new int[slots.Length]);
        var played = new List<EvaluatedEpisode>(options.Episodes);
        while (played.Count < options.Episodes)
        {
            cancellation.ThrowIfCancellationRequested();
            environments.Step(actions);
            policy.Act(slots, environments.Steps, actions);
            foreach (var slot in slots)
            {
                var step = environments.Steps[slot];
                (scores[slot], lengths[slot]) = step.IsFirst ? (0, 0) : (scores[slot] + step.Reward, lengths[slot] + 1);
                if (step.IsLast && left[slot]-- > 0)
                {
                    played.Add(new EvaluatedEpisode(blob.Version, blob.Steps, scores[slot], lengths[slot], [.. step.Facts, .. policy.Facts(slot)]));
                }
            }
        }

        return [.. played];
    }

    private static partial class Log
    {
        [LoggerMessage(21, LogLevel.Information, "policy version {Version} of step {Steps} scores {Score:0.###} over {Episodes} episodes")]
        public static partial void Played(ILogger logger, long version, long steps, double score, int episodes);

        [LoggerMessage(22, LogLevel.Warning, "policy version {Version} cannot be evaluated: {Reason}")]
        public static partial void Unfit(ILogger logger, long version, string reason);
    }
}
