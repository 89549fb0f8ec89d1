using Dreamer.Experience;
using Dreamer.Policies.WorldModels;

namespace Dreamer.Agents.WorldModels;

/// <summary>Returns of the candidates of one generation, as actors play them: they come in with the episodes, in any order.</summary>
internal sealed class Trials(int population, int rollouts)
{
    /// <summary>[N] sums of returns.</summary>
    public double[] Sums { get; } = new double[population];

    /// <summary>[N] episodes.</summary>
    public double[] Counts { get; } = new double[population];

    /// <summary>Every candidate has played as often as asked for.</summary>
    public bool Complete => Counts.All(count => count >= rollouts);

    /// <summary>[N] mean returns.</summary>
    public double[] Means => [.. Sums.Zip(Counts, (sum, count) => sum / count)];

    /// <summary>Counts the episodes of this generation; others, also those of candidates that were replaced meanwhile, say nothing.</summary>
    public void Take(IEnumerable<FinishedEpisode> episodes, long generation)
    {
        foreach (var episode in episodes)
        {
            double Fact(string name) => (episode.Facts ?? []).Where(fact => fact.Name == name).Select(fact => fact.Value).FirstOrDefault(-1);
            var candidate = Fact(WorldModelsPolicy.CandidateFact);
            if (Fact(WorldModelsPolicy.GenerationFact) == generation && candidate >= 0 && candidate < population)
            {
                Sums[(int)candidate] += episode.Return;
                Counts[(int)candidate]++;
            }
        }
    }

    /// <summary>Begins the next generation.</summary>
    public void Clear()
    {
        Array.Clear(Sums);
        Array.Clear(Counts);
    }
}
