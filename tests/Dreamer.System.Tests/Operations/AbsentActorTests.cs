using Dreamer.Experience;
using Dreamer.System.Tests.Processes;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.System.Tests.Operations;

/// <summary>A drain that begins while an actor is cut off.</summary>
public sealed class AbsentActorTests
{
    private const int Steps = 4;

    [Fact]
    public async Task A_drain_waits_for_an_actor_that_was_cut_off_and_takes_what_it_still_had()
    {
        await using var server = new ReplayServer("--replay.lost_after_seconds", "100000");
        using var patience = new CancellationTokenSource(Until.Limit);
        var builder = new ChunkBuilder(TinyChunks.Schema, StreamId.NewRandom(), Steps);
        await TinyChunks.SendAsync(server, TinyChunks.Next(builder, Steps), patience.Token);

        using var operating = server.OpenChannel("operator");
        using var drain = new V1.Replay.ReplayClient(operating.Invoker).Drain(new V1.DrainRequest(), cancellationToken: patience.Token);
        await ReadAsync(drain.ResponseStream.MoveNext, () => drain.ResponseStream.Current is { Actors: 0, Away: 1 }, patience.Token);
        Assert.False(drain.ResponseStream.Current.Done);

        await TinyChunks.SendAsync(server, TinyChunks.Next(builder, Steps, last: true), patience.Token);
        await ReadAsync(drain.ResponseStream.MoveNext, () => drain.ResponseStream.Current.Done, patience.Token);
        Assert.Equal((0, 2 * Steps), (drain.ResponseStream.Current.Away, drain.ResponseStream.Current.InsertedSteps));
    }

    private static async Task ReadAsync(Func<CancellationToken, Task<bool>> next, Func<bool> condition, CancellationToken cancellation)
    {
        do
        {
            Assert.True(await next(cancellation), "the drain ended before it was done");
        }
        while (!condition());
    }
}
