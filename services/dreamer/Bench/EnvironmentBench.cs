using System.Runtime.CompilerServices;
using Dreamer.Environments;
using Dreamer.Policies;
using Dreamer.Policies.DreamerV3;
using Dreamer.Spaces;

namespace Dreamer.Bench;

/// <summary>Steps per second on one core of every environment: physics, pictures and policy apart.</summary>
internal static class EnvironmentBench
{
    // Short, so that some blocks pass without another process on the core.
    private const int Block = 8;

    public static async IAsyncEnumerable<BenchResult> RunAsync(BenchOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.Yield();
        var policies = new Dictionary<EnvironmentSpec, PolicyBenchmarkResult>();
        foreach (var info in EnvironmentRegistry.All.Where(info => info.Name != "fake" && options.Wants($"environment_{info.Name}_")))
        {
            var vector = new EnvironmentOptions { Name = info.Name };
            var image = vector with { Observation = ObservationKind.Image };
            var physics = Rate(vector, options.Each / 10, cancellation);
            yield return BenchResult.Rate($"environment_{info.Name}_physics", physics, "steps/s", physics);
            yield return BenchResult.Rate($"environment_{info.Name}_image", Rate(image, options.Each / 10, cancellation), "steps/s", physics);
            foreach (var (kind, shown) in new[] { ("vector", vector), ("image", image) })
            {
                var spec = EnvironmentRegistry.SpecOf(shown);
                if (!policies.TryGetValue(spec, out var policy))
                {
                    policies[spec] = policy = PolicyBenchmark.Measure("", spec, DreamerV3Sizes.Size1M, batch: 1, options.Each / 5);
                }

                yield return BenchResult.Rate($"environment_{info.Name}_{kind}_policy", policy.StepsPerSecond, "steps/s", policy.LimitPerSecond);
            }
        }
    }

    /// <summary>Steps with random actions, from the fastest tenth of blocks of steps.</summary>
    private static double Rate(EnvironmentOptions options, TimeSpan duration, CancellationToken cancellation)
    {
        using var environment = EnvironmentRegistry.Make(options, seed: 0);
        var action = environment.Spec.Action;
        var (step, drawn) = (new TimeStep(environment.Spec) { IsLast = true }, new float[Block * action.Size]);
        var random = new RandomPolicy(action, slots: 1, seed: 0);
        for (var index = 0; index < Block; index++)
        {
            random.Act([0], [step], drawn.AsSpan(index * action.Size, action.Size));
        }

        var seconds = Timing.Seconds(duration, () =>
        {
            for (var index = 0; index < Block; index++)
            {
                if (step.IsLast)
                {
                    environment.Reset(step);
                }
                else
                {
                    environment.Step(drawn.AsSpan(index * action.Size, action.Size), step);
                }
            }
        }, cancellation);
        return Block / Timing.Fastest(seconds);
    }
}
