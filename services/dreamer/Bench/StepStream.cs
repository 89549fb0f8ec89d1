using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Dreamer.Experience;
using Dreamer.Policies;
using Dreamer.Spaces;

namespace Dreamer.Bench;

/// <summary>
/// Streams that an actor would send, endless. Observations are noise, so nothing is saved by compression and every byte
/// travels.
/// </summary>
internal sealed class StepStream
{
    /// <summary>Steps of each chunk.</summary>
    public const int ChunkSteps = 64;

    private const int PoolSize = 256;
    private static readonly ImmutableArray<TimeStep> ImagePool = Draw(PolicyBenchmark.Image);
    private static readonly ImmutableArray<TimeStep> VectorPool = Draw(PolicyBenchmark.Proprio);

    private readonly ImmutableArray<TimeStep> pool;
    private readonly TimeStep first;
    private readonly ChunkBuilder[] builders;
    private readonly float[] action;
    private int next;

    private StepStream(EnvironmentSpec spec, ImmutableArray<TimeStep> pool, int count)
    {
        this.pool = pool;
        Schema = Schema.For(spec, []);
        first = new TimeStep(spec) { IsFirst = true };
        action = new float[spec.Action.Size];
        builders = [.. Enumerable.Range(0, count).Select(_ => new ChunkBuilder(Schema, StreamId.NewRandom(), ChunkSteps))];
    }

    /// <summary>One image of 64x64x3, six continuous actions, no recorded state.</summary>
    public static Schema ImageSchema { get; } = Schema.For(PolicyBenchmark.Image, []);

    /// <summary>24 values, six continuous actions, no recorded state.</summary>
    public static Schema VectorSchema { get; } = Schema.For(PolicyBenchmark.Proprio, []);

    public Schema Schema { get; }

    /// <param name="count">Environments that are stepped in turn.</param>
    public static StepStream Images(int count) => new(PolicyBenchmark.Image, ImagePool, count);

    /// <param name="count">Environments that are stepped in turn.</param>
    public static StepStream Vectors(int count) => new(PolicyBenchmark.Proprio, VectorPool, count);

    /// <summary>Steps an environment until its chunk is full; one environment after the other.</summary>
    public Chunk Next()
    {
        var builder = builders[next++ % builders.Length];
        while (true)
        {
            var step = builder is { NextSequence: 0, PendingSteps: 0 } ? first : pool[Random.Shared.Next(PoolSize)];
            builder.Add(step, action, [], policyVersion: 0);
            if (builder.TakeFull() is { } chunk)
            {
                return chunk;
            }
        }
    }

    private static ImmutableArray<TimeStep> Draw(EnvironmentSpec spec)
    {
        var random = new Random(0);
        var steps = Enumerable.Range(0, PoolSize).Select(_ => new TimeStep(spec)).ToImmutableArray();
        foreach (var observation in steps.Select(step => step.Observations[0]))
        {
            if (spec == PolicyBenchmark.Image)
            {
                random.NextBytes(observation);
                continue;
            }

            foreach (ref var value in MemoryMarshal.Cast<byte, float>(observation.AsSpan()))
            {
                value = random.NextSingle();
            }
        }

        return steps;
    }
}
