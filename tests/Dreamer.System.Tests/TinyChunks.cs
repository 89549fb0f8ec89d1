using System.Collections.Immutable;
using Dreamer.Contracts.Clients;
using Dreamer.Experience;
using Dreamer.Spaces;
using Microsoft.Extensions.Logging.Abstractions;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.System.Tests;

/// <summary>Chunks of steps that say nothing, for tests that are about their way and not about what is in them.</summary>
internal static class TinyChunks
{
    public static readonly EnvironmentSpec Environment = new(ActionSpec.Parse("continuous:2"), new TensorSpec("vector", DType.Float32, 4));
    public static readonly Schema Schema = Schema.For(Environment, ImmutableArray<TensorSpec>.Empty);

    /// <summary>The next chunk of a stream, of so many steps as its builder gathers.</summary>
    public static Chunk Next(ChunkBuilder builder, int steps, bool last = false)
    {
        var step = new TimeStep(Environment);
        while (builder.PendingSteps < steps)
        {
            step.Set(0, isFirst: builder is { NextSequence: 0, PendingSteps: 0 }, isLast: false, isTerminal: false);
            builder.Add(step, [0, 0], [], policyVersion: 0);
        }

        return (last ? builder.End() : builder.TakeFull())!;
    }

    /// <summary>Sends one as an actor that comes for it and goes again.</summary>
    public static async Task SendAsync(ReplayServer server, Chunk chunk, CancellationToken cancellation)
    {
        using var channel = server.OpenChannel("actor");
        await using var writer = new GrpcExperienceWriter(
            new V1.Experience.ExperienceClient(channel.Invoker), new WriterOptions("actor-0"), TimeProvider.System, NullLogger<GrpcExperienceWriter>.Instance);
        await writer.OpenAsync(Schema, cancellation);
        await writer.WriteAsync(chunk, cancellation);
        await writer.FlushAsync(cancellation);
    }
}
