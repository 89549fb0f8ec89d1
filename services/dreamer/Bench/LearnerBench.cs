using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Dreamer.Agents;
using Dreamer.Agents.DreamerV1;
using Dreamer.Agents.DreamerV2;
using Dreamer.Agents.DreamerV3;
using Dreamer.Agents.PlaNet;
using Dreamer.Agents.WorldModels;
using Dreamer.Environments;
using Dreamer.Experience;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Settings;
using Dreamer.Policies;
using Dreamer.Spaces;
using static TorchSharp.torch;

namespace Dreamer.Bench;

/// <summary>
/// Whole updates of every agent on random data. The limit: their operations at the rate that one float32 matrix product of the sizes
/// used reaches on the same threads.
/// </summary>
internal static class LearnerBench
{
    // dreamerv3-torch has 18,708,003 parameters for 24 values and 17,926,030 for images at its defaults; ours has as many
    // with these widths of the recurrent state (18,722,643 and 17,926,838), all else equal: 512 units, 32 x 32 latents, 16 x 64, horizon 15.
    private const int ProprioDeter = 1776;
    private const int ImageDeter = 1128;

    // Its own width. It has its other parameters in wide encoders and decoders, which no dream passes through, so at equal
    // count ours does more arithmetic and at equal widths less.
    private const int PeerDeter = 512;

    // DreamerV2 as published for the Control suite, and V's published step: 100 frames.
    private static readonly DreamerV2Options ForControl = new() { Deter = 200, Hidden = 200, PredictContinue = false };
    private static readonly WorldModelsOptions OneVisionStep = new() { BatchSize = 4, BatchLength = 25, VisionBatch = 100, VisionUpdates = int.MaxValue };

    private static readonly DreamerV3Options Baseline = new() { Hidden = 512, Units = 512, Stoch = 32, Classes = 32, Depth = 32 };

    public static async IAsyncEnumerable<BenchResult> RunAsync(BenchOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.Yield();
        var (cartpole, cartpoleSpec, cartpoleThreads) = CartPole();
        Case[] cases =
        [
            Case.Of("learner_cartpole", cartpole, cartpoleSpec),
            Case.Of("learner_baseline_proprio", Baseline with { Deter = ProprioDeter }, PolicyBenchmark.Proprio),
            Case.Of("learner_baseline_image", Baseline with { Deter = ImageDeter }, PolicyBenchmark.Image),
            Case.Of("learner_widths_proprio", Baseline with { Deter = PeerDeter }, PolicyBenchmark.Proprio),
            Case.Of("learner_dreamer_v2_proprio", ForControl, PolicyBenchmark.Proprio),
            Case.Of("learner_world_models_vision", OneVisionStep, PolicyBenchmark.Image),
        ];

        // 2,500 images per update take too long to be measured unasked.
        Case[] asked =
        [
            Case.Of("learner_dreamer_v1_image", new DreamerV1Options(), PolicyBenchmark.Image),
            Case.Of("learner_dreamer_v2_image", ForControl, PolicyBenchmark.Image),
            Case.Of("learner_planet_image", new PlaNetOptions(), PolicyBenchmark.Image),
        ];
        ProcessMemory.KeepFreed();
        foreach (var measured in (options.Only.Length > 0 ? [.. cases, .. asked] : cases).Where(entry => options.Wants(entry.Name)))
        {
            var name = measured.Name;
            set_num_threads(name == "learner_cartpole" && cartpoleThreads > 0 ? Math.Min(cartpoleThreads, options.Threads) : options.Threads);
            var before = Environment.WorkingSet;
            var (seconds, limit, parameters) = Measure(measured, options.Each, cancellation);
            yield return name == "learner_cartpole"
                ? BenchResult.Rate(name, 1 / seconds, "updates/s", 1 / limit)
                : BenchResult.Cost(name, seconds, "s/update", limit);

            // Weights, gradients and two moments in float32 must be there; what the process had before is not the learner's.
            using var process = Process.GetCurrentProcess();
            yield return BenchResult.Cost($"{name}_memory", process.PeakWorkingSet64 / 1e6, "MB", (before + (16 * parameters)) / 1e6);
        }
    }

    private static (double Seconds, double Limit, long Parameters) Measure(Case measured, TimeSpan each, CancellationToken cancellation)
    {
        using var agent = measured.Make();
        var batch = RandomBatch(Schema.For(measured.Spec, agent.RecordedState), agent);
        void Update() => agent.Train(batch, metrics: false);

        // The first update warms up: it meets every page of its memory for the first time.
        var seconds = Timing.Once(Update) < each.TotalSeconds
            ? Timing.Median(Timing.Seconds(each, Update, cancellation))
            : Timing.Once(Update);

        return (seconds, measured.Operations / ProductRate(measured.Product, each / 4, cancellation), agent.ParameterCounts.Values.Sum());
    }

    // Operations per second of [K, F] x [F, U], the first layer of every head on one step of dreams.
    private static double ProductRate((int Rows, int Inner, int Outer) size, TimeSpan each, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (left, right) = (randn([size.Rows, size.Inner]), randn([size.Inner, size.Outer]));
        var seconds = Timing.Seconds(each, () => left.matmul(right).Dispose(), cancellation);
        return 2.0 * size.Rows * size.Inner * size.Outer / Timing.Fastest(seconds);
    }

    private static (DreamerV3Options Options, EnvironmentSpec Spec, int Threads) CartPole()
    {
        var configuration = ConfigurationLoader.Load(new ConfigurationRequest([])
        {
            Presets = ["cartpole"],
            Environment = new Dictionary<string, string>(),
            WorkingDirectory = AppContext.BaseDirectory,
        });
        return (
            configuration.Bind<DreamerV3Options>("dreamer_v3"), EnvironmentRegistry.SpecOf(configuration.Bind<EnvironmentOptions>("env")),
            configuration.Bind<RunSettings>("").Threads);
    }

    /// <summary>Noise of the right ranges; an episode begins with each window and with one step in 500.</summary>
    private static Batch RandomBatch(Schema schema, IAgent agent)
    {
        var random = new Random(0);
        var batch = new Batch(schema, agent.BatchSize, agent.Context + agent.BatchLength);
        for (var column = 0; column < batch.Columns.Length; column++)
        {
            Fill(random, schema.Tensors[column], batch.Columns[column]);
        }

        var first = batch[Schema.IsFirst];
        Array.Clear(batch[Schema.IsLast]);
        Array.Clear(batch[Schema.IsTerminal]);
        for (var i = 0; i < first.Length; i++)
        {
            first[i] = i % batch.Length == 0 || random.NextDouble() < 1.0 / 500 ? (byte)1 : (byte)0;
        }

        return batch;
    }

    private static void Fill(Random random, TensorSpec tensor, byte[] data)
    {
        if (tensor.DType == DType.UInt8)
        {
            random.NextBytes(data);
            return;
        }

        foreach (ref var value in MemoryMarshal.Cast<byte, float>(data.AsSpan()))
        {
            value = (2 * random.NextSingle()) - 1;
        }
    }

    /// <param name="Operations">Of one update.</param>
    /// <param name="Product">Rows, inputs and outputs of the product that the limit is measured with.</param>
    private sealed record Case(string Name, EnvironmentSpec Spec, Func<IAgent> Make, double Operations, (int Rows, int Inner, int Outer) Product)
    {
        public static Case Of(string name, DreamerV3Options options, EnvironmentSpec spec)
        {
            var starts = options.ImaginedStarts == 0 ? options.BatchLength : options.ImaginedStarts;
            return new(
                name, spec, () => new DreamerV3Agent(options, spec, CPU, seed: 0), LearnerWork.Operations(options, spec),
                (options.BatchSize * starts, options.Deter + (options.Stoch * options.Classes), options.Units));
        }

        public static Case Of(string name, DreamerV1Options options, EnvironmentSpec spec) => new(
            name, spec, () => new DreamerV1Agent(options, spec, CPU, seed: 0), GaussianWork.Operations(options, spec),
            (options.BatchSize * options.BatchLength, options.Deter + options.Stoch, options.Units));

        public static Case Of(string name, DreamerV2Options options, EnvironmentSpec spec) => new(
            name, spec, () => new DreamerV2Agent(options, spec, CPU, seed: 0), GaussianWork.Operations(options, spec),
            (options.BatchSize * options.BatchLength, options.Deter + (options.Stoch * options.Classes), options.Units));

        // Its largest product: a transposed convolution from 13 x 13 pixels.
        public static Case Of(string name, WorldModelsOptions options, EnvironmentSpec spec) => new(
            name, spec, () => new WorldModelsAgent(options, spec, CPU, seed: 0), GaussianWork.Operations(options, spec),
            (options.VisionBatch * 13 * 13, 2 * options.Depth, 36 * options.Depth));

        public static Case Of(string name, PlaNetOptions options, EnvironmentSpec spec) => new(
            name, spec, () => new PlaNetAgent(options, spec, CPU, seed: 0), GaussianWork.Operations(options, spec),
            (options.BatchSize * options.BatchLength, options.Deter + options.Stoch, options.Units));
    }
}
