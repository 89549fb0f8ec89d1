using Dreamer.Spaces;

namespace Dreamer.Experience.Tests;

public sealed class ReplayBufferTests
{
    private static readonly ReplayOptions Small = new() { ChunkSteps = 16 };

    [Fact]
    public async Task OnlineWindowsComeFirstInTheOrderOfCompletionThenUniformOnes()
    {
        await using var buffer = await Open(Small);
        buffer.Attach(Given.Hello(batch: 2, length: 9, ratio: 8));
        foreach (var (one, two) in Given.Chunks(1, 32).Zip(Given.Chunks(2, 32)))
        {
            await buffer.AppendAsync(one, default);
            await buffer.AppendAsync(two, default);
        }

        // Per stream 32 steps hold three windows of 9: at 0, 9, 18. The first completes with chunk 1, the others with chunk 2.
        var drawn = new List<(long, int)>();
        for (var plan = 0; plan < 3; plan++)
        {
            drawn.AddRange((await buffer.SampleAsync(default)).Windows.Select(window => (window.Chunks[0], window.Offset)));
        }

        Assert.Equal([(1, 0), (2, 0), (1, 9), (3, 2), (2, 9), (4, 2)], drawn);
        Assert.Equal(0, buffer.Status().OnlineWindows);
        Assert.True((await buffer.SampleAsync(default)).Draws > 0);
    }

    [Fact]
    public async Task OnlineWindowsTakeTheirShareOfABatchAndNoMore()
    {
        await using var buffer = await Open(Small with { OnlineShare = 0.5 });
        buffer.Attach(Given.Hello(batch: 3, length: 9, ratio: 50));
        foreach (var chunk in Given.Chunks(1, 64))
        {
            await buffer.AppendAsync(chunk, default);
        }

        // 64 steps hold seven windows of 9; half of three is two.
        var left = new List<int>();
        for (var plan = 0; plan < 5; plan++)
        {
            await buffer.SampleAsync(default);
            left.Add(buffer.Status().OnlineWindows);
        }

        Assert.Equal([5, 3, 1, 0, 0], left);
    }

    [Fact]
    public async Task NewWindowsThatNobodyDrewLeaveWithTheirChunks()
    {
        await using var buffer = await Open(Small with { CapacitySteps = 64 });
        buffer.Attach(Given.Hello(batch: 1, length: 9, ratio: 1));
        foreach (var chunk in Given.Chunks(1, 640))
        {
            await buffer.AppendAsync(chunk, default);
        }

        // The newest chunk pushes out the oldest after its windows were queued.
        Assert.InRange(buffer.Status().OnlineWindows, 1, (64 + 16) / 9);
    }

    [Fact]
    public async Task EverySelectorGetsItsShareOfEachBatch()
    {
        var half = new SelectorOptions { Uniform = 0.5, Ends = 0.5 };
        await using var buffer = await Open(Small with { OnlineQueue = false, Selectors = half });
        buffer.Attach(Given.Hello(batch: 8, length: 32, context: 1, ratio: 1e6));

        // One episode in each window's length: whatever step is drawn, a window by the rule for ends ends with it.
        foreach (var chunk in Given.Chunks(1, 32 * 50, episode: 32))
        {
            await buffer.AppendAsync(chunk, default);
        }

        for (var plan = 0; plan < 20; plan++)
        {
            var windows = (await buffer.SampleAsync(default)).Windows;
            Assert.All(windows.Skip(4), window => Assert.Equal((0, 1), (window.Offset, window.Chunks[0] % 2)));
            Assert.Contains(windows.Take(4), window => window.Offset != 0 || window.Chunks[0] % 2 == 0);
        }
    }

    [Fact]
    public async Task WindowsWithWhatTheLearnerGotWrongAreDrawnAndForgottenByARestart()
    {
        var prioritized = new SelectorOptions { Uniform = 0, Prioritized = 1 };
        var store = new MemoryChunkStore();
        var options = Small with { OnlineQueue = false, Selectors = prioritized };
        var buffer = await ReplayBuffer.OpenAsync(store, options, TimeProvider.System, default);
        Assert.True(buffer.Attach(Given.Hello(batch: 1, length: 8, ratio: 1e6)).WantsPriorities);
        foreach (var chunk in Given.Chunks(1, 64))
        {
            await buffer.AppendAsync(chunk, default);
        }

        // Every step is worth nothing but one: all windows drawn hold it.
        void Tell(Guid instance, float worth) =>
            buffer.Prioritize(instance, [.. Enumerable.Range(1, 4).Select(chunk => new StepPriorities(chunk, 0, [.. Enumerable.Range(0, 16).Select(step => chunk == 3 && step == 5 ? worth : 0)]))]);
        async Task<int> Position()
        {
            var window = (await buffer.SampleAsync(default)).Windows[0];
            return (((int)window.Chunks[0] - 1) * 16) + window.Offset;
        }

        for (var draw = 0; draw < 20; draw++)
        {
            Tell(buffer.Instance, 2);
            Assert.InRange(await Position(), 37 - 7, 37);
        }

        // After a restart nothing is known, whatever is said of the life before: all windows are as good.
        var before = buffer.Instance;
        buffer = await ReplayBuffer.OpenAsync(store, options, TimeProvider.System, default);
        buffer.Attach(Given.Hello(batch: 1, length: 8, ratio: 1e6, replayed: 140));
        Tell(before, 2);
        var drawn = new HashSet<int>();
        for (var draw = 0; draw < 7; draw++)
        {
            drawn.Add(await Position());
        }

        Assert.Contains(drawn, position => position is < 30 or > 37);
    }

    [Theory]
    [InlineData(-1, 0.5, "exponent")]
    [InlineData(0.8, 1.5, "peak_share")]
    [InlineData(0.8, double.NaN, "peak_share")]
    public void PrioritiesThatCannotWorkAreRefused(double exponent, double peak, string setting)
    {
        var options = Small with { Priorities = new PriorityOptions { Exponent = exponent, PeakShare = peak } };
        Assert.Contains($"replay.priorities.{setting}", Assert.Throws<ArgumentException>(options.Validate).Message);
    }

    [Theory]
    [InlineData(0.5, 0, 0)]
    [InlineData(1.5, -0.5, 0)]
    [InlineData(1, 0, 0.5)]
    [InlineData(double.NaN, 0, 1)]
    public void SharesThatDoNotSumToOneAreRefused(double uniform, double recency, double ends)
    {
        var options = Small with { Selectors = new SelectorOptions { Uniform = uniform, Recency = recency, Ends = ends } };
        Assert.Contains("sum to 1", Assert.Throws<ArgumentException>(options.Validate).Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1.1)]
    public void AnOnlineShareOutsideABatchIsRefused(double share) =>
        Assert.Contains("replay.online_share", Assert.Throws<ArgumentException>((Small with { OnlineShare = share }).Validate).Message);

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(0.2, 0.3, 0.5)]
    public async Task SameSeedAndSameAppendsGiveSamePlansAlsoAcrossARestart(double uniform, double recency, double ends)
    {
        var options = Small with
        {
            CapacitySteps = 200,
            OnlineQueue = false,
            Selectors = new SelectorOptions { Uniform = uniform, Recency = recency, Ends = ends },
        };
        async Task<List<BatchPlan>> Play(bool restart)
        {
            var store = new MemoryChunkStore();
            var buffer = await ReplayBuffer.OpenAsync(store, options, TimeProvider.System, default);
            buffer.Attach(Given.Hello(ratio: 4));
            var plans = new List<BatchPlan>();
            foreach (var chunk in Given.Chunks(1, 320))
            {
                await buffer.AppendAsync(chunk, default);
                if (restart && chunk.Sequence == 15)
                {
                    buffer = await ReplayBuffer.OpenAsync(store, options, TimeProvider.System, default);
                    buffer.Attach(Given.Hello(ratio: 4, replayed: plans[^1].ReplayedSteps, draws: plans[^1].Draws));
                }

                while (buffer.Status().Credit >= 32 && buffer.Status().Items >= 32)
                {
                    plans.Add(await buffer.SampleAsync(default));
                    buffer.Release(plans[^1].Id);
                }
            }

            return plans;
        }

        static string Show(IEnumerable<BatchPlan> plans) => string.Join('\n', plans.Select(plan =>
            $"{plan.InsertedSteps} {plan.ReplayedSteps} {plan.Draws} " + string.Join(' ', plan.Windows.Select(window => $"{string.Join('+', window.Chunks)}@{window.Offset}"))));

        var first = await Play(false);
        Assert.True(first.Count > 30);
        Assert.Equal(Show(first), Show(await Play(false)));
        Assert.Equal(Show(first), Show(await Play(true)));
    }

    [Fact]
    public async Task RatioIsExactWhileBothSidesRunAgainstEachOther()
    {
        await using var replay = new LocalReplay(await Open(Small with { CapacitySteps = 400 }));
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
        await using var buffer = await Open(Small);
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
    public async Task BeforeALearnerAttachesActorsHaveAHeadStartOnly()
    {
        await using var buffer = await Open(Small with { HeadStartSteps = 32 });
        var chunks = Given.Chunks(1, 64);
        await buffer.InsertAsync(chunks[0], default);
        await buffer.InsertAsync(chunks[1], default);
        var third = buffer.InsertAsync(chunks[2], default).AsTask();
        Assert.False(third.IsCompleted);
        buffer.Attach(Given.Hello());
        Assert.Equal(CommitOutcome.Committed, (await third).Outcome);
    }

    [Fact]
    public async Task RepeatsAndGapsChangeNothing()
    {
        await using var buffer = await Open(Small);
        var chunks = Given.Chunks(1, 64);
        Assert.Equal(new AppendResult(CommitOutcome.Gap, 0, 0), await buffer.AppendAsync(chunks[1], default));
        Assert.Equal(new AppendResult(CommitOutcome.Committed, 1, 1), await buffer.AppendAsync(chunks[0], default));
        Assert.Equal(new AppendResult(CommitOutcome.Duplicate, 1, 0), await buffer.AppendAsync(chunks[0], default));
        Assert.Equal(new AppendResult(CommitOutcome.Gap, 1, 0), await buffer.AppendAsync(chunks[3], default));
        var status = buffer.Status();
        Assert.Equal((16L, 1L, 1L, 2L), (status.InsertedSteps, status.Chunks, status.Duplicates, status.Gaps));
        Assert.Equal(1, buffer.NextSequence(Given.Stream(1)));
    }

    [Fact]
    public async Task EvictionKeepsWhatPlansReadUntilTheyAreReleased()
    {
        await using var buffer = await Open(Small with { CapacitySteps = 64 });
        buffer.Attach(Given.Hello(batch: 1, length: 9, ratio: 100));
        var chunks = Given.Chunks(1, 320);
        await buffer.AppendAsync(chunks[0], default);
        var plan = await buffer.SampleAsync(default);
        foreach (var chunk in chunks.Skip(1).Take(10))
        {
            await buffer.AppendAsync(chunk, default);
        }

        Assert.Equal([1], plan.Chunks.ToArray());
        Assert.NotNull((await buffer.ReadAsync(plan with { Chunks = [1] }, default))[0]);
        Assert.Null((await buffer.ReadAsync(plan with { Chunks = [2] }, default))[0]);
        buffer.Release(plan.Id);
        await buffer.AppendAsync(chunks[11], default);
        Assert.Null((await buffer.ReadAsync(plan with { Chunks = [1] }, default))[0]);
        var status = buffer.Status();
        Assert.Equal((64L, 8L, 0), (status.Steps, status.EvictedChunks, status.OutstandingPlans));
    }

    [Fact]
    public async Task ACapacityInBytesHolds()
    {
        var one = Given.Encode(Given.Chunks(1, 16)[0]).Length;
        await using var buffer = await Open(Small with { CapacityBytes = one * 3 });
        foreach (var chunk in Given.Chunks(1, 160))
        {
            await buffer.AppendAsync(chunk, default);
            Assert.InRange(buffer.Status().Bytes, 1, one * 3);
        }
    }

    [Fact]
    public async Task InvalidChunksAreRefusedWithoutATrace()
    {
        await using var buffer = await Open(Small);
        var good = Given.Chunks(1, 16)[0];
        await Refused(buffer, Change(good, "reward", column => BitConverter.TryWriteBytes(column.AsSpan(8), float.NaN)), "'reward'");
        await Refused(buffer, Change(good, "vector", column => BitConverter.TryWriteBytes(column.AsSpan(4 * 79), float.NegativeInfinity)), "'vector'");
        await Refused(buffer, Change(good, "is_last", column => column[3] = 2), "'is_last'");
        await Refused(buffer, Change(good, "is_first", column => column[0] = 0), "is_first");
        await Refused(buffer, Copy(good, columns: [.. good.Columns.Select((column, index) => index == 0 ? column[..^1] : column)]), "'image'");
        await Refused(buffer, Copy(good, steps: 17), "replay.chunk_steps");
        await Refused(buffer, Copy(good, hash: 1), "schema");
        Assert.Equal(7, buffer.Status().Refused);
        Assert.Equal(0, buffer.Status().Chunks + buffer.NextSequence(good.Stream));
        Assert.Equal(CommitOutcome.Committed, (await buffer.AppendAsync(good, default)).Outcome);
    }

    [Fact]
    public async Task ASchemaThatDiffersIsRefusedNamingTheKey()
    {
        var store = new MemoryChunkStore();
        var buffer = await ReplayBuffer.OpenAsync(store, Small, TimeProvider.System, default);
        buffer.UseSchema(Given.Schema);
        await buffer.AppendAsync(Given.Chunks(1, 16)[0], default);

        // Also after a restart.
        buffer = await ReplayBuffer.OpenAsync(store, Small, TimeProvider.System, default);
        var wider = Schema.For(Given.Environment, [new TensorSpec("deter", DType.BFloat16, 7), Given.State[1]]);
        Assert.Contains("'deter'", Assert.Throws<SchemaMismatchException>(() => buffer.UseSchema(wider)).Message);
        var missing = Schema.For(Given.Environment, [Given.State[0]]);
        Assert.Contains("'stoch'", Assert.Throws<SchemaMismatchException>(() => buffer.UseSchema(missing)).Message);
        buffer.UseSchema(Schema.For(Given.Environment, Given.State));
    }

    [Fact]
    public async Task WhatAnEnvironmentTellsOfAnEpisodeArrivesAsItWasAtTheLastRecord()
    {
        await using var buffer = await Open(Small);
        buffer.Attach(Given.Hello(batch: 1, ratio: 8));
        EpisodeFact[] facts = [new("depth", 1)];
        var builder = new ChunkBuilder(Given.Schema, Given.Stream(1), chunkSteps: 16);
        var step = new TimeStep(Given.Environment) { Facts = facts };
        for (var position = 0; position < 16; position++)
        {
            facts[0] = new EpisodeFact("depth", position);
            Given.Fill(step, 1, position, episode: 10);
            builder.Add(step, Given.Action(position), Given.StateBytes(1, position), policyVersion: 0);
        }

        await buffer.AppendAsync(builder.TakeFull()!, default);
        var episode = Assert.Single((await buffer.SampleAsync(default)).Episodes);
        Assert.Equal([new EpisodeFact("depth", 9)], episode.Facts!);
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("Depth", 1)]
    [InlineData("depth\n", 1)]
    [InlineData("depth", double.NaN)]
    public async Task FactsThatNobodyCouldLogAreRefused(string name, double value)
    {
        await using var buffer = await Open(Small);
        var chunk = Given.Chunks(1, 16)[0];
        var told = chunk with { Episodes = [chunk.Episodes[0] with { Facts = [new EpisodeFact(name, value)] }] };
        var error = await Assert.ThrowsAsync<InvalidChunkException>(async () => await buffer.AppendAsync(told, default));
        Assert.Contains("names take up to 64 of a-z", error.Message);
        var many = chunk with { Episodes = [chunk.Episodes[0] with { Facts = [.. Enumerable.Repeat(new EpisodeFact("a", 1), 65)] }] };
        await Assert.ThrowsAsync<InvalidChunkException>(async () => await buffer.AppendAsync(many, default));
    }

    [Fact]
    public async Task FinishedEpisodesArriveOnceWithTheNextPlan()
    {
        await using var buffer = await Open(Small);
        buffer.Attach(Given.Hello(batch: 1, ratio: 8));
        var chunks = Given.Chunks(1, 32);
        await buffer.AppendAsync(chunks[0], default);
        Assert.Equal([new FinishedEpisode(10, 9, 9)], (await buffer.SampleAsync(default)).Episodes.ToArray());
        await buffer.AppendAsync(chunks[1], default);
        Assert.Equal([new FinishedEpisode(20, 9, 9), new FinishedEpisode(30, 9, 9)], (await buffer.SampleAsync(default)).Episodes.ToArray());
        Assert.Empty((await buffer.SampleAsync(default)).Episodes);
    }

    [Fact]
    public async Task ALearnerResumesExactlyWhereItsCheckpointStands()
    {
        await using var buffer = await Open(Small);
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
    public async Task CatchUpIsClampedAndCounted()
    {
        await using var buffer = await Open(Small with { MaxCatchUpSteps = 20 });
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

    private static async Task<ReplayBuffer> Open(ReplayOptions options)
    {
        var buffer = await ReplayBuffer.OpenAsync(new MemoryChunkStore(), options, TimeProvider.System, default);
        buffer.UseSchema(Given.Schema);
        return buffer;
    }

    private static async Task Refused(ReplayBuffer buffer, Chunk chunk, string names)
    {
        var error = await Assert.ThrowsAsync<InvalidChunkException>(async () => await buffer.AppendAsync(chunk, default));
        Assert.Contains(names, error.Message);
    }

    private static Chunk Change(Chunk chunk, string key, Action<byte[]> change)
    {
        var index = Given.Schema.IndexOf(key);
        var column = chunk.Columns[index].ToArray();
        change(column);
        return Copy(chunk, columns: [.. chunk.Columns.Select((old, at) => at == index ? column : old)]);
    }

    private static Chunk Copy(Chunk chunk, ReadOnlyMemory<byte>[]? columns = null, int? steps = null, ulong? hash = null) => new()
    {
        Stream = chunk.Stream,
        Sequence = chunk.Sequence,
        Steps = steps ?? chunk.Steps,
        SchemaHash = hash ?? chunk.SchemaHash,
        Columns = columns ?? chunk.Columns,
        Episodes = chunk.Episodes,
    };
}
