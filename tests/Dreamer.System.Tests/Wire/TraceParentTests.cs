using System.Diagnostics;
using Dreamer.Contracts;
using Dreamer.Experience;
using Dreamer.Spaces;

namespace Dreamer.System.Tests.Wire;

/// <summary>Trace contexts inside messages.</summary>
public sealed class TraceParentTests
{
    private static readonly Schema Schema = Schema.For(
        new EnvironmentSpec(ActionSpec.Parse("discrete:2"), new TensorSpec("vector", DType.Float32, 4)), []);

    [Fact]
    public void A_followed_chunk_stays_followed_and_another_adds_no_byte()
    {
        var trace = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
        var message = (Chunk() with { Trace = trace }).ToMessage();
        Assert.Equal($"00-{trace.TraceId}-{trace.SpanId}-01", message.Traceparent);
        var arrived = message.ToChunk(Schema).Trace;
        Assert.Equal((trace.TraceId, trace.SpanId, trace.TraceFlags, true), (arrived.TraceId, arrived.SpanId, arrived.TraceFlags, arrived.IsRemote));

        Assert.Equal("", Chunk().ToMessage().Traceparent);
        Assert.Equal(default, Chunk().ToMessage().ToChunk(Schema).Trace);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("00-00000000000000000000000000000000-0000000000000000-01")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7")]
    [InlineData("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]
    public void What_is_no_context_follows_nothing_and_refuses_nothing(string text)
    {
        var message = Chunk().ToMessage();
        message.Traceparent = text;
        Assert.Equal(default, message.ToChunk(Schema).Trace);
    }

    private static Chunk Chunk()
    {
        var builder = new ChunkBuilder(Schema, StreamId.NewRandom(), 1);
        var step = new TimeStep(new EnvironmentSpec(ActionSpec.Parse("discrete:2"), new TensorSpec("vector", DType.Float32, 4))) { IsFirst = true };
        builder.Add(step, new float[Schema.Tensors[Schema.Observations].Elements], [], 0);
        return builder.End()!;
    }
}
