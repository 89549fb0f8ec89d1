using System.Diagnostics;
using Dreamer.Spaces;

namespace Dreamer.Policies.PlaNet;

/// <summary>
/// Measures decisions of PlaNet's planner on one core with random weights, beside what the core's multiply-add rate allows. A decision takes
/// so long that other processes always interrupt it: processor time is counted, not the clock.
/// </summary>
public static class PlannerBenchmark
{
    /// <summary>A 64x64x3 image and one continuous action: cartpole.</summary>
    public static EnvironmentSpec CartPole { get; } = new(new ActionSpec(ActionKind.Continuous, 1), new TensorSpec("image", DType.UInt8, 64, 64, 3));

    /// <param name="duration">Time to spend; at least two decisions are timed.</param>
    public static PolicyBenchmarkResult Measure(string name, EnvironmentSpec environment, PlaNetSizes sizes, TimeSpan duration)
    {
        var policy = new PlaNetPolicy(PlaNetFormat.Policy.Open(PolicyBenchmark.RandomBlob(PlaNetFormat.Policy.Builder(environment, sizes), seed: 0)), 1, 0, PolicyPurpose.Collect);
        var steps = PolicyBenchmark.RandomSteps(environment, 1);
        var actions = new float[environment.Action.Size];
        void Decide() => policy.Act([0], steps, actions);
        Decide();
        var decisions = 0;
        var before = Environment.CpuUsage.TotalTime;
        for (var started = Stopwatch.GetTimestamp(); decisions < 2 || Stopwatch.GetElapsedTime(started) < duration; decisions++)
        {
            Decide();
        }

        var seconds = (Environment.CpuUsage.TotalTime - before).TotalSeconds / decisions;
        var addsPerSecond = PolicyBenchmark.PeakRate(duration / 6);
        var bound = (policy.Planner.MultiplyAdds + policy.Belief.MultiplyAdds) / addsPerSecond;
        return new PolicyBenchmarkResult(name, 1 / seconds, 1 / bound, seconds * 1e3, policy.Belief.WeightBytes, 0, addsPerSecond);
    }
}
