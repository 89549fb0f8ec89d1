using System.Diagnostics;
using Dreamer.Policies.DreamerV1;
using Dreamer.Policies.DreamerV3;
using Dreamer.Policies.Numerics;
using Dreamer.Spaces;

namespace Dreamer.Policies;

/// <summary>
/// Measures acting on one core with random weights, beside what the machine allows: the time to read the weights once at the bandwidth
/// of a plain sum over an array of that size, or to do the arithmetic at the peak rate of multiply-add from registers, whichever is longer.
/// </summary>
public static class PolicyBenchmark
{
    /// <summary>24 proprioceptive values, 6 continuous actions.</summary>
    public static EnvironmentSpec Proprio { get; } = new(new ActionSpec(ActionKind.Continuous, 6), new TensorSpec("vector", DType.Float32, 24));

    /// <summary>A 64x64x3 image, 6 continuous actions.</summary>
    public static EnvironmentSpec Image { get; } = new(new ActionSpec(ActionKind.Continuous, 6), new TensorSpec("image", DType.UInt8, 64, 64, 3));

    /// <summary>size1m and size12m, proprio and image, batch 1 and 8.</summary>
    /// <param name="each">Time per case; a third of it goes to the limits.</param>
    /// <param name="cancellationToken">Checked between cases.</param>
    public static IReadOnlyList<PolicyBenchmarkResult> Run(TimeSpan each, CancellationToken cancellationToken)
    {
        var results = new List<PolicyBenchmarkResult>();
        foreach (var (size, sizes) in new[] { ("size1m", DreamerV3Sizes.Size1M), ("size12m", DreamerV3Sizes.Size12M) })
        {
            foreach (var (task, environment) in new[] { ("proprio", Proprio), ("image", Image) })
            {
                foreach (var batch in new[] { 1, 8 })
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    results.Add(Measure($"actor_{size}_{task}_batch{batch}", environment, sizes, batch, each));
                }
            }
        }

        return results;
    }

    /// <summary>One case.</summary>
    public static PolicyBenchmarkResult Measure(string name, EnvironmentSpec environment, DreamerV3Sizes sizes, int batch, TimeSpan duration)
    {
        var policy = new DreamerV3Policy(DreamerV3Format.Policy.Open(RandomBlob(environment, sizes, seed: 0)), batch, seed: 0);
        return Measure(name, environment, policy, policy.WeightBytes, policy.MultiplyAdds, duration);
    }

    /// <summary>The same of Dreamer (2019), collecting.</summary>
    public static PolicyBenchmarkResult Measure(string name, EnvironmentSpec environment, DreamerV1Sizes sizes, int batch, TimeSpan duration)
    {
        var blob = RandomBlob(DreamerV1Format.Policy.Builder(environment, sizes), seed: 0);
        var policy = new DreamerV1Policy(DreamerV1Format.Policy.Open(blob), batch, seed: 0, PolicyPurpose.Collect);
        return Measure(name, environment, policy, policy.WeightBytes, policy.MultiplyAdds, duration);
    }

    private static PolicyBenchmarkResult Measure(
        string name, EnvironmentSpec environment, IPolicy policy, long weightBytes, long multiplyAdds, TimeSpan duration)
    {
        var batch = policy.Slots;
        var steps = RandomSteps(environment, batch);
        var slots = Enumerable.Range(0, batch).ToArray();
        var actions = new float[batch * environment.Action.Size];
        var seconds = Seconds(duration * (2.0 / 3), () => policy.Act(slots, steps, actions));
        var limits = duration / 6;
        var bytesPerSecond = weightBytes / Seconds(limits, new Reader(weightBytes).Run);
        var addsPerSecond = PeakRate(limits);
        var bound = Math.Max(weightBytes / bytesPerSecond, batch * multiplyAdds / addsPerSecond);
        return new PolicyBenchmarkResult(name, batch / seconds, batch / bound, seconds * 1e3, weightBytes, bytesPerSecond, addsPerSecond);
    }

    /// <summary>Weights drawn as at initialisation: uniform with variance 1 / inputs, norms 1, biases 0.</summary>
    public static PolicyBlob RandomBlob(EnvironmentSpec environment, DreamerV3Sizes sizes, ulong seed) =>
        RandomBlob(DreamerV3Format.Policy.Builder(environment, sizes), seed);

    /// <summary>The same for the policy of any agent.</summary>
    internal static PolicyBlob RandomBlob(PolicyBlobBuilder builder, ulong seed)
    {
        foreach (var (index, tensor) in builder.Tensors.Index())
        {
            var values = new float[tensor.Elements];
            if (tensor.Name.EndsWith("/norm", StringComparison.Ordinal))
            {
                Array.Fill(values, 1);
            }
            else if (tensor.Name.EndsWith("/weight", StringComparison.Ordinal))
            {
                // Block linear weights are [G, in, out], all others [out, in, ...].
                var inputs = tensor.Name.StartsWith("dyn/hid0", StringComparison.Ordinal) || tensor.Name.StartsWith("dyn/gru", StringComparison.Ordinal)
                    ? tensor.Shape[1]
                    : tensor.Elements / tensor.Shape[0];
                CounterRandom.Fill(seed, (uint)index, 0, values);
                var range = MathF.Sqrt(12f / inputs);
                foreach (ref var value in values.AsSpan())
                {
                    value = (value - 0.5f) * range;
                }
            }

            builder.Add(tensor.Name, tensor.Shape, values);
        }

        return builder.Build(version: 0);
    }

    /// <summary>Multiply-adds per second of one core, from registers.</summary>
    internal static double PeakRate(TimeSpan duration) => PeakLoop.MultiplyAdds / Seconds(duration, PeakLoop.Run);

    internal static TimeStep[] RandomSteps(EnvironmentSpec environment, int batch)
    {
        var random = new Random(0);
        var steps = Enumerable.Range(0, batch).Select(_ => new TimeStep(environment)).ToArray();
        foreach (var step in steps)
        {
            for (var index = 0; index < environment.Observations.Length; index++)
            {
                if (environment.Observations[index].IsImage)
                {
                    random.NextBytes(step.Observations[index]);
                }
                else
                {
                    step.Floats(index).Fill(random.NextSingle());
                }
            }
        }

        return steps;
    }

    /// <summary>Seconds of one call: the fastest tenth of at least 30, so that what other processes take from the core is left out.</summary>
    private static double Seconds(TimeSpan duration, Action action)
    {
        for (var i = 0; i < 10; i++)
        {
            action();
        }

        var samples = new List<double>();
        for (var started = Stopwatch.GetTimestamp(); samples.Count < 30 || Stopwatch.GetElapsedTime(started) < duration;)
        {
            var before = Stopwatch.GetTimestamp();
            action();
            samples.Add(Stopwatch.GetElapsedTime(before).TotalSeconds);
        }

        samples.Sort();
        return samples[samples.Count / 10];
    }

    /// <summary>A plain sum over as many bytes as the weights have.</summary>
    private sealed class Reader(long bytes)
    {
        private readonly AlignedBuffer<float> _buffer = new(bytes / sizeof(float));

        public float Sum { get; private set; }

        public void Run() => Sum = StreamLoop.Sum(_buffer);
    }
}
