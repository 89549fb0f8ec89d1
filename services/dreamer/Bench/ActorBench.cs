using System.Runtime.CompilerServices;
using Dreamer.Policies;
using Dreamer.Policies.DreamerV3;
using Dreamer.Policies.PlaNet;
using Dreamer.Spaces;

namespace Dreamer.Bench;

/// <summary>Policy steps per second on one core, and what an actor costs as a process.</summary>
internal static class ActorBench
{
    public static async IAsyncEnumerable<BenchResult> RunAsync(BenchOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var (size, sizes) in new[] { ("size1m", DreamerV3Sizes.Size1M), ("size12m", DreamerV3Sizes.Size12M) })
        {
            foreach (var (task, spec) in new[] { ("proprio", PolicyBenchmark.Proprio), ("image", PolicyBenchmark.Image) })
            {
                foreach (var batch in new[] { 1, 8 })
                {
                    var name = $"actor_{size}_{task}_batch{batch}";
                    cancellation.ThrowIfCancellationRequested();
                    if (options.Wants(name))
                    {
                        yield return Steps(name, spec, sizes, batch, options.Each);
                    }
                }
            }

            if (options.Wants($"actor_{size}_process"))
            {
                await foreach (var result in ActorProcess.MeasureAsync($"actor_{size}_process", sizes, options.Each, cancellation))
                {
                    yield return result;
                }
            }
        }

        if (options.Wants("actor_planet_cartpole"))
        {
            yield return Decisions("actor_planet_cartpole", options.Each);
        }
    }

    private static BenchResult Decisions(string name, TimeSpan each)
    {
        var measured = PlannerBenchmark.Measure(name, PlannerBenchmark.CartPole, PlaNetSizes.Published, each);
        return BenchResult.Rate(name, measured.StepsPerSecond, "steps/s", measured.LimitPerSecond);
    }

    private static BenchResult Steps(string name, EnvironmentSpec spec, DreamerV3Sizes sizes, int batch, TimeSpan each)
    {
        var measured = PolicyBenchmark.Measure(name, spec, sizes, batch, each);
        return BenchResult.Rate(name, measured.StepsPerSecond, "steps/s", measured.LimitPerSecond);
    }
}
