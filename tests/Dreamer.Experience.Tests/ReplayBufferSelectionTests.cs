namespace Dreamer.Experience.Tests;

/// <summary>Which windows a batch gets.</summary>
public sealed class ReplayBufferSelectionTests
{
    private static readonly ReplayOptions Small = new() { ChunkSteps = 16 };

    [Fact]
    public async Task OnlineWindowsComeFirstInTheOrderOfCompletionThenUniformOnes()
    {
        await using var buffer = await Given.OpenBuffer(Small);
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
        await using var buffer = await Given.OpenBuffer(Small with { OnlineShare = 0.5 });
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
        await using var buffer = await Given.OpenBuffer(Small with { CapacitySteps = 64 });
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
        await using var buffer = await Given.OpenBuffer(Small with { OnlineQueue = false, Selectors = half });
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
}
