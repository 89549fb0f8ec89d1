using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Dreamer.Contracts;
using Dreamer.Experience;
using Dreamer.Local;
using Dreamer.Policies;
using Dreamer.Policies.DreamerV3;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.Bench;

/// <summary>
/// An actor process from its start to the first action that reaches the replay service, and its resident memory while it
/// acts. The limit: the same program printing its version.
/// </summary>
internal static class ActorProcess
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static async IAsyncEnumerable<BenchResult> MeasureAsync(
        string name, DreamerV3Sizes sizes, TimeSpan each, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var directory = Directory.CreateTempSubdirectory("dreamer-bench-").FullName;
        try
        {
            var (idleSeconds, idleBytes) = await IdleAsync(directory, cancellation);
            await using var service = await BenchService.StartAsync(cancellation);
            await using var learner = service.Weights();
            var blob = PolicyBenchmark.RandomBlob(PolicyBenchmark.Proprio, sizes, seed: 0);
            await learner.PublishAsync(blob, cancellation);
            var schema = Schema.For(PolicyBenchmark.Proprio, PolicyFactory.Create(blob, slots: 1, seed: 0).RecordedState);
            var plans = service.Plans();
            await plans.AttachAsync(new LearnerHello(schema, BatchSize: 1, Length: 1, Context: 0, TrainRatio: 1, Seed: 0).ToMessage(), cancellationToken: cancellation);

            var started = Stopwatch.GetTimestamp();
            using var actor = Start(
                directory,
                "actor", "--env", "fake", "--env.fake.vector_size", "24", "--env.fake.action.kind", "continuous", "--env.fake.action.size", "6",
                "--replay.address", service.Address, "--replay.chunk_steps", "1");
            try
            {
                await plans.SampleAsync(new V1.SampleRequest(), cancellationToken: cancellation);
                var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
                await Task.Delay(each, cancellation);
                yield return BenchResult.Cost($"{name}_first_action", seconds, "s", idleSeconds);
                yield return BenchResult.Cost($"{name}_memory", Resident(actor.Id, "VmRSS:") / 1e6, "MB", idleBytes / 1e6);
            }
            finally
            {
                await actor.StopAsync(Patience);
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>What the same program costs that only prints its version.</summary>
    public static async Task<(double Seconds, double Bytes)> IdleAsync(string directory, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        using var idle = Start(directory, "--version");
        var ended = idle.WaitAsync(cancellation);
        var bytes = 0.0;
        while (!ended.IsCompleted)
        {
            bytes = Math.Max(bytes, Resident(idle.Id, "VmHWM:"));
            await Task.WhenAny(ended, Task.Delay(2, cancellation));
        }

        await ended;
        return (Stopwatch.GetElapsedTime(started).TotalSeconds, bytes);
    }

    /// <summary>Starts this program with other arguments; its output goes to a file in the directory.</summary>
    public static ManagedProcess Start(string directory, params string[] arguments)
    {
        // Under the dotnet command the program is its first argument.
        var program = Environment.ProcessPath!;
        var assembly = typeof(ActorProcess).Assembly.Location;
        string[] all = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [assembly, .. arguments] : arguments;
        return ManagedProcess.Start("actor", program, all, new Dictionary<string, string>(), Path.Combine(directory, "actor.log"), echo: null);
    }

    /// <summary>A memory figure of Linux about a process, in bytes; 0 when it has ended.</summary>
    public static double Resident(int process, string field)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal));
            return line is null ? 0 : 1024 * double.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
