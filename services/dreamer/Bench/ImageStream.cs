using System.Collections.Immutable;
using Dreamer.Experience;
using Dreamer.Policies;
using Dreamer.Spaces;

namespace Dreamer.Bench;

/// <summary>
/// Streams of 64x64x3 images that an actor would send, endless. The images are noise, so nothing is saved by compression and
/// every byte travels.
/// </summary>
internal sealed class ImageStream
{
    /// <summary>Steps of each chunk.</summary>
    public const int ChunkSteps = 64;

    private const int Images = 256;
    private static readonly ImmutableArray<TimeStep> Pool = Draw();
    private static readonly TimeStep First = new(PolicyBenchmark.Image) { IsFirst = true };

    private readonly ChunkBuilder[] builders;
    private readonly float[] action = new float[PolicyBenchmark.Image.Action.Size];
    private int next;

    /// <param name="count">Environments that are stepped in turn.</param>
    public ImageStream(int count) =>
        builders = [.. Enumerable.Range(0, count).Select(_ => new ChunkBuilder(Schema, StreamId.NewRandom(), ChunkSteps))];

    /// <summary>One image, six continuous actions, no recorded state.</summary>
    public static Schema Schema { get; } = Schema.For(PolicyBenchmark.Image, []);

    /// <summary>Steps an environment until its chunk is full; one environment after the other.</summary>
    public Chunk Next()
    {
        var builder = builders[next++ % builders.Length];
        while (true)
        {
            var step = builder is { NextSequence: 0, PendingSteps: 0 } ? First : Pool[Random.Shared.Next(Images)];
            builder.Add(step, action, [], policyVersion: 0);
            if (builder.TakeFull() is { } chunk)
            {
                return chunk;
            }
        }
    }

    private static ImmutableArray<TimeStep> Draw()
    {
        var random = new Random(0);
        var steps = Enumerable.Range(0, Images).Select(_ => new TimeStep(PolicyBenchmark.Image)).ToImmutableArray();
        foreach (var step in steps)
        {
            random.NextBytes(step.Observations[0]);
        }

        return steps;
    }
}
