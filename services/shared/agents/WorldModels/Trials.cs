using Dreamer.Experience;
using Dreamer.Policies.WorldModels;

namespace Dreamer.Agents.WorldModels;

/// <summary>
/// Returns of the candidates of one generation, as actors play them: they come in with the episodes, in any order. Where the mean is
/// evaluated it plays the part of all candidates, and it does not matter of which.
/// </summary>
internal sealed class Trials(int population, int rollouts)
{
    /// <summary>[N] sums of returns.</summary>
    public double[] Sums { get; } = new double[population];

    /// <summary>[N] episodes.</summary>
    public double[] Counts { get; } = new double[population];

    /// <summary>Whether the mean plays instead of the candidates.</summary>
    public bool Evaluating { get; set; }

    /// <summary>Every candidate has played as often as asked for, or the mean as often as all of them.</summary>
    public bool Complete => Evaluating ? Counts.Sum() >= population * rollouts : Counts.All(count => count >= rollouts);

    /// <summary>[N] mean returns.</summary>
    public double[] Means => [.. Sums.Zip(Counts, (sum, count) => sum / count)];

    /// <summary>Mean return over all episodes.</summary>
    public double Mean => Sums.Sum() / Counts.Sum();

    /// <summary>Counts the episodes of this generation; others, also those of candidates that were replaced meanwhile, say nothing.</summary>
    public void Take(IEnumerable<FinishedEpisode> episodes, long generation)
    {
        var expected = Evaluating ? WorldModelsPolicy.EvaluationFact : WorldModelsPolicy.GenerationFact;
        foreach (var episode in episodes)
        {
            double Fact(string name) => (episode.Facts ?? []).Where(fact => fact.Name == name).Select(fact => fact.Value).FirstOrDefault(-1);
            var candidate = Fact(WorldModelsPolicy.CandidateFact);
            if (Fact(expected) == generation && candidate >= 0 && candidate < population)
            {
                Add((int)candidate, episode.Return, 1);
            }
        }
    }

    /// <summary>Counts episodes of one candidate by their mean return.</summary>
    public void Add(int candidate, double mean, int episodes)
    {
        Sums[candidate] += mean * episodes;
        Counts[candidate] += episodes;
    }

    /// <summary>Begins the next generation, or the evaluation before it.</summary>
    public void Clear(bool evaluating)
    {
        Evaluating = evaluating;
        Array.Clear(Sums);
        Array.Clear(Counts);
    }
}
