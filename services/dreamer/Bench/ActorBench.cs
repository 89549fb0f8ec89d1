using System.Runtime.CompilerServices;
using Dreamer.Policies;
using Dreamer.Policies.DreamerV1;
using Dreamer.Policies.DreamerV3;
using Dreamer.Policies.PlaNet;

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
                        yield return Rate(PolicyBenchmark.Measure(name, spec, sizes, batch, options.Each));
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

        foreach (var batch in new[] { 1, 8 })
        {
            var name = $"actor_dreamer_v1_image_batch{batch}";
            cancellation.ThrowIfCancellationRequested();
            if (options.Wants(name))
            {
                yield return Rate(PolicyBenchmark.Measure(name, PolicyBenchmark.Image, DreamerV1Sizes.Published, batch, options.Each));
            }
        }

        if (options.Wants("actor_planet_cartpole"))
        {
            yield return Rate(PlannerBenchmark.Measure("actor_planet_cartpole", PlannerBenchmark.CartPole, PlaNetSizes.Published, options.Each));
        }
    }

    private static BenchResult Rate(PolicyBenchmarkResult measured) =>
        BenchResult.Rate(measured.Name, measured.StepsPerSecond, "steps/s", measured.LimitPerSecond);
}
