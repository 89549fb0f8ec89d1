namespace Dreamer.Experience.Tests;

/// <summary>How far actors and the learner let each other go.</summary>
public sealed class ReplayBufferLimiterTests
{
    private static readonly ReplayOptions Small = new() { ChunkSteps = 16 };

    [Fact]
    public async Task RatioIsExactWhileBothSidesRunAgainstEachOther()
    {
        // Who has been woken and has not run yet still counts as waiting, so that a machine that stands still would count as a stall.
        await using var replay = new LocalReplay(await Given.OpenBuffer(Small with { CapacitySteps = 400, StallAfter = TimeSpan.FromMinutes(1) }));
        await replay.OpenAsync(Given.Schema, default);
        await replay.AttachAsync(Given.Hello(batch: 4, length: 9, ratio: 3), default);
        var writers = Enumerable.Range(0, 3).Select(stream => Task.Run(async () =>
        {
            foreach (var chunk in Given.Chunks(stream, 1600))
            {
                await replay.WriteAsync(chunk, default);
            }
        })).ToArray();
        var drawn = 0;
        var learner = Task.Run(async () =>
        {
            using var stop = new CancellationTokenSource();
            var all = Task.WhenAll(writers).ContinueWith(_ => stop.Cancel(), TaskScheduler.Default);
            try
            {
                while (true)
                {
                    var plan = await replay.SampleAsync(stop.Token);
                    drawn++;
                    await replay.ReleaseAsync(plan.Id, default);
                }
            }
            catch (OperationCanceledException)
            {
                await all;
            }
        });
        await learner;
        var status = replay.Buffer.Status();
        Assert.Equal(4800, status.InsertedSteps);
        Assert.Equal(drawn * 32L, status.ReplayedSteps);

        // Counting began, with one batch, at the chunk that completed 32 windows; from there the books balance to the step.
        var counted = (status.Credit + status.ReplayedSteps - 32) / 3;
        Assert.Equal(Math.Round(counted), counted);
        Assert.InRange(counted, 4800 - 160, 4800 - 32);
        Assert.InRange(status.Credit, 0, (4 * 32) + (16 * 3));
        Assert.Equal(0, status.Stalls);
        Assert.True(status.Steps <= 400);
    }

    [Fact]
    public async Task ActorsWaitAboveTheToleranceAndGoOnWhenALearnerDraws()
    {
        await using var buffer = await Given.OpenBuffer(Small);
        buffer.Attach(Given.Hello(batch: 1, length: 9, ratio: 4));
        var chunks = Given.Chunks(1, 160);
        var inserted = 0;
        ValueTask<AppendResult> pending;
        do
        {
            pending = buffer.InsertAsync(chunks[inserted++], default);
        }
        while (pending.IsCompleted);

        var waiting = pending.AsTask();
        Assert.Equal(1, buffer.Status().WaitingInserts);
        Assert.True(buffer.Status().Credit > 4 * 8);
        while (buffer.Status().Credit > 4 * 8)
        {
            Assert.False(waiting.IsCompleted);
            await buffer.SampleAsync(default);
        }

        Assert.Equal(CommitOutcome.Committed, (await waiting).Outcome);
    }

    [Fact]
    public async Task ActorsThatWaitAreLetToSendInTurn()
    {
        await using var buffer = await Given.OpenBuffer(Small);
        buffer.Attach(Given.Hello(batch: 1, length: 9, ratio: 4));
        var chunks = Given.Chunks(1, 64);
        await buffer.InsertAsync(chunks[0], default);
        await buffer.InsertAsync(chunks[1], default);
        using var first = new CancellationTokenSource();
        Task[] actors = [.. Enumerable.Range(0, 4).Select(actor => buffer.AdmitAsync(16, actor == 0 ? first.Token : default).AsTask())];
        Assert.Equal(4, buffer.Status().WaitingInserts);
        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => actors[0]);

        // Of those that wait the one at the head goes, and the next only when a chunk has come and been trained on.
        foreach (var (actor, chunk) in actors[1..3].Zip(chunks[2..4]))
        {
            while (buffer.Status().Credit > 4 * 8)
            {
                Assert.False(actor.IsCompleted);
                await buffer.SampleAsync(default);
            }

            await actor;
            while (buffer.Status().Credit >= 3 * 8)
            {
                await buffer.SampleAsync(default);
            }

            Assert.False(actors[3].IsCompleted);
            await buffer.AppendAsync(chunk, default);
        }

        // Nobody comes: when the learner has nothing left, the next goes all the same.
        while (buffer.Status().Credit >= 8)
        {
            Assert.False(actors[3].IsCompleted && buffer.Status().Credit > 4 * 8);
            await buffer.SampleAsync(default);
        }

        await actors[3];
        Assert.Equal(0, buffer.Status().WaitingInserts);
    }

    [Fact]
    public async Task BeforeALearnerAttachesActorsHaveAHeadStartOnly()
    {
        await using var buffer = await Given.OpenBuffer(Small with { HeadStartSteps = 32 });
        var chunks = Given.Chunks(1, 64);
        await buffer.InsertAsync(chunks[0], default);
        await buffer.InsertAsync(chunks[1], default);
        var third = buffer.InsertAsync(chunks[2], default).AsTask();
        Assert.False(third.IsCompleted);
        buffer.Attach(Given.Hello());
        Assert.Equal(CommitOutcome.Committed, (await third).Outcome);
    }

    [Fact]
    public async Task ALearnerResumesExactlyWhereItsCheckpointStands()
    {
        await using var buffer = await Given.OpenBuffer(Small);
        buffer.Attach(Given.Hello(batch: 1, length: 9, ratio: 2));
        foreach (var chunk in Given.Chunks(1, 96))
        {
            await buffer.AppendAsync(chunk, default);
        }

        var credit = buffer.Status().Credit;
        var kept = await buffer.SampleAsync(default);
        await buffer.SampleAsync(default);
        await buffer.SampleAsync(default);

        // The last two updates were lost with the learner: they are owed again.
        var welcome = buffer.Attach(Given.Hello(batch: 1, length: 9, ratio: 2, replayed: kept.ReplayedSteps, draws: kept.Draws));
        Assert.Equal(credit - 8, welcome.Credit);
        Assert.Equal(0, buffer.Status().OutstandingPlans);

        // A new run owes its first batch, and nothing for what was there before it.
        Assert.Equal(8, buffer.Attach(Given.Hello(batch: 1, length: 9, ratio: 2)).Credit);
    }

    [Fact]
    public async Task APlanThatCouldNotBeReadCountsAsNeverDrawn()
    {
        await using var buffer = await Given.OpenBuffer(Small);
        buffer.Attach(Given.Hello(batch: 1, length: 9, ratio: 2));
        foreach (var chunk in Given.Chunks(1, 96))
        {
            await buffer.AppendAsync(chunk, default);
        }

        var before = buffer.Status();
        var plan = await buffer.SampleAsync(default);
        Assert.Equal(before.Credit - 8, buffer.Status().Credit);
        await buffer.ReturnAsync(plan.Id, default);

        // Once: it is out no more, and neither is one that was used.
        await buffer.ReturnAsync(plan.Id, default);
        var used = await buffer.SampleAsync(default);
        buffer.Release(used.Id);
        await buffer.ReturnAsync(used.Id, default);
        var after = buffer.Status();
        Assert.Equal((before.Credit - 8, before.ReplayedSteps + 8, 0), (after.Credit, after.ReplayedSteps, after.OutstandingPlans));
        Assert.Equal((before.Items, before.InsertedSteps), (after.Items, after.InsertedSteps));
        Assert.Equal(plan.ReplayedSteps, used.ReplayedSteps);
    }

    [Fact]
    public async Task CatchUpIsClampedAndCounted()
    {
        await using var buffer = await Given.OpenBuffer(Small with { MaxCatchUpSteps = 20 });
        buffer.Attach(Given.Hello(batch: 1, length: 9, ratio: 2));
        foreach (var chunk in Given.Chunks(1, 96))
        {
            await buffer.AppendAsync(chunk, default);
        }

        var owed = buffer.Status().Credit;
        var welcome = buffer.Attach(Given.Hello(batch: 1, length: 9, ratio: 2, replayed: 0));
        Assert.Equal((20, owed - 20), (welcome.Credit, welcome.DroppedCredit));
    }

    [Fact]
    public async Task BothSidesWaitingForFiveSecondsIsToldOnce()
    {
        // 16 steps hold fewer windows than a batch needs, and the head start is used up: only a learner that never comes helps.
        var time = new FakeTime();
        await using var buffer = await ReplayBuffer.OpenAsync(new MemoryChunkStore(), Small with { HeadStartSteps = 16 }, time, default);
        var warnings = new List<string>();
        buffer.Warning += warnings.Add;
        buffer.UseSchema(Given.Schema);
        var chunks = Given.Chunks(1, 32);
        await buffer.InsertAsync(chunks[0], default);
        using var stop = new CancellationTokenSource();
        var insert = buffer.InsertAsync(chunks[1], stop.Token).AsTask();
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Empty(warnings);
        var sample = buffer.SampleAsync(stop.Token).AsTask();
        time.Advance(TimeSpan.FromSeconds(4));
        Assert.Empty(warnings);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains("wait for each other", Assert.Single(warnings));
        Assert.Equal((1L, TimeSpan.FromSeconds(65), TimeSpan.FromSeconds(5)), (buffer.Status().Stalls, buffer.Status().InsertWait, buffer.Status().SampleWait));
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Single(warnings);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => insert);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sample);
        Assert.Equal((0, 0), (buffer.Status().WaitingInserts, buffer.Status().WaitingSamples));
    }
}
