using Dreamer.Contracts.Clients;
using Dreamer.Experience;

namespace Dreamer.System.Tests.Wire;

/// <summary>What an actor has left to hand over of one stream.</summary>
public sealed class OutgoingStreamTests
{
    private const int Bytes = 10;
    private readonly StreamId _id = StreamId.NewRandom();

    [Fact]
    public void Pending_is_what_the_service_has_not_accepted_sent_or_not()
    {
        var stream = new OutgoingStream(_id, 0, isFirst: 0);
        for (var sequence = 0; sequence < 4; sequence++)
        {
            stream.Keep(Chunk(sequence));
        }

        Assert.Equal((4 * Bytes, 4), (stream.PendingBytes, stream.PendingSteps));
        Assert.NotNull(stream.TakeUnsent());
        Assert.NotNull(stream.TakeUnsent());
        Assert.NotNull(stream.TakeUnsent());
        Assert.Equal(4 * Bytes, stream.PendingBytes);

        Assert.Equal(Bytes, stream.Acknowledge(acceptedMark: 3, durableMark: 1));
        Assert.Equal((Bytes, 1), (stream.PendingBytes, stream.PendingSteps));

        // The store lost what was accepted and not durable.
        Assert.True(stream.Resume(1, out var again));
        Assert.Equal((2, 3 * Bytes), (again, stream.PendingBytes));

        // It forgot what is not kept any more: the rest is a new stream, of which nothing is accepted.
        Assert.False(stream.Resume(0, out _));
        Assert.Equal(3 * Bytes, stream.PendingBytes);
        Assert.Equal(2 * Bytes, stream.Acknowledge(acceptedMark: 3, durableMark: 2));
        Assert.Equal(0, stream.PendingBytes);
    }

    [Fact]
    public void Each_chunk_that_is_accepted_tells_once_when_it_was_sent_last()
    {
        var stream = new OutgoingStream(_id, 0, isFirst: 0);
        for (var sequence = 0; sequence < 3; sequence++)
        {
            stream.Keep(Chunk(sequence));
            Assert.NotNull(stream.TakeUnsent(now: 100 + sequence));
        }

        var sent = new List<long>();
        stream.Acknowledge(1, 0, sent.Add);
        stream.Acknowledge(1, 1, sent.Add);
        Assert.Equal([100], sent);

        // The connection broke: what the service took meanwhile was never acknowledged, the rest goes again.
        Assert.True(stream.Resume(2, out _));
        Assert.NotNull(stream.TakeUnsent(now: 200));
        stream.Acknowledge(3, 1, sent.Add);
        Assert.Equal([100, 200], sent);
    }

    private Chunk Chunk(int sequence) => new()
    {
        Stream = _id,
        Sequence = sequence,
        Steps = 1,
        SchemaHash = 0,
        Columns = [new byte[Bytes]],
        Episodes = [],
    };
}
