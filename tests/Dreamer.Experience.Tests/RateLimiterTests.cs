namespace Dreamer.Experience.Tests;

public sealed class RateLimiterTests
{
    [Theory]
    [InlineData(32, 1024)]
    [InlineData(0.1, 64)]
    [InlineData(7.3, 1000)]
    [InlineData(1000, 16)]
    public void TheRatioIsExactOverManyStepsInAnyOrder(double ratio, int batchSteps)
    {
        var random = new Random(9);
        var limiter = new RateLimiter(ratio, batchSteps, 4 * batchSteps, batchSteps, inserted: 0);
        long items = 0, began = -1, batches = 0;
        for (var move = 0; move < 200_000; move++)
        {
            if (random.Next(2) == 0 && limiter.CanInsert(items))
            {
                var steps = random.Next(1, 65);
                items = Math.Min(items + steps, 50_000);
                if (limiter.Insert(steps, items))
                {
                    began = limiter.Inserted;
                }
            }
            else if (limiter.CanSample(items))
            {
                limiter.Sample();
                batches++;
            }

            Assert.False(!limiter.CanInsert(items) && !limiter.CanSample(items), "both sides wait");
            Assert.True(limiter.Credit > -1e-6);
            Assert.InRange(limiter.Credit, -1e-6, Math.Max(4 * batchSteps, batchSteps) + (64 * ratio));
        }

        while (limiter.CanSample(items))
        {
            limiter.Sample();
            batches++;
        }

        Assert.True(batches > 100);
        Assert.Equal(batches * batchSteps, limiter.Replayed);
        Assert.Equal(1 + Math.Floor((((limiter.Inserted - began) * ratio) + 1e-6) / batchSteps), batches);
    }

    [Fact]
    public void PretrainingHoldsTheActorsUntilItIsDone()
    {
        var limiter = new RateLimiter(ratio: 10, batchSteps: 100, tolerance: 400, minItems: 50, inserted: 0, pretrainBatches: 7);
        Assert.True(limiter.Insert(50, 50));
        Assert.Equal(700, limiter.Credit);
        for (var batch = 0; batch < 7; batch++)
        {
            Assert.Equal(limiter.Credit <= 400, limiter.CanInsert(50));
            Assert.True(limiter.CanSample(50));
            limiter.Sample();
        }

        Assert.False(limiter.CanSample(50));
        limiter.Insert(10, 60);
        Assert.True(limiter.CanSample(60));
    }

    [Fact]
    public void NothingIsDrawnBeforeEnoughWindowsExist()
    {
        var limiter = new RateLimiter(32, 1024, 4096, 1024, inserted: 0);
        Assert.False(limiter.Insert(1000, 1023));
        Assert.False(limiter.CanSample(1023));
        Assert.True(limiter.CanInsert(1023));
        Assert.True(limiter.Insert(1, 1024));
        Assert.True(limiter.CanSample(1024));

        // Windows that went away let actors in again, whatever the credit.
        limiter.Insert(10_000, 2000);
        Assert.False(limiter.CanInsert(2000));
        Assert.True(limiter.CanInsert(1000));
        Assert.False(limiter.CanSample(1000));
    }

    [Fact]
    public void ActorsAreLetToSendOneAfterAnotherUnlessTheLearnerHasNothingToDo()
    {
        var limiter = new RateLimiter(ratio: 4, batchSteps: 64, tolerance: 256, minItems: 16, inserted: 0);
        Assert.True(limiter.Promise(16, 15));
        Assert.True(limiter.Promise(16, 15));
        limiter.Insert(16, 16);
        Assert.Equal(64, limiter.Credit);

        // What was promised before counting began does not count. 64 + 4 x 48 is the tolerance, which one may pass.
        Assert.True(limiter.Promise(48, 16));
        Assert.True(limiter.Promise(16, 16));
        Assert.False(limiter.Promise(16, 16));

        // What comes has been inserted instead; trained on, it makes room for the next.
        limiter.Insert(16, 32);
        Assert.False(limiter.Promise(16, 32));
        limiter.Sample();
        Assert.True(limiter.Promise(16, 32));
        Assert.False(limiter.Promise(16, 32));

        // Who does not come holds nobody back once the learner waits.
        limiter.Sample();
        Assert.Equal(0, limiter.Credit);
        for (var actor = 0; actor < 8; actor++)
        {
            Assert.True(limiter.Promise(100, 32));
        }
    }

    [Fact]
    public void ARatioChangedOnTheWayKeepsWhatWasEarned()
    {
        var limiter = new RateLimiter(2, 10, 1000, 1, inserted: 0);
        limiter.Insert(5, 5);
        limiter.Insert(100, 100);
        limiter.SetRatio(0.5);
        limiter.Insert(100, 100);
        Assert.Equal(10 + 200 + 50, limiter.Credit);
    }

    [Fact]
    public void ASavedStateResumesToTheStep()
    {
        var limiter = new RateLimiter(3, 16, 64, 16, inserted: 0);
        limiter.Insert(20, 20);
        limiter.Insert(20, 40);
        limiter.Sample();
        limiter.Sample();
        var resumed = new RateLimiter(3, 16, 64, 16, limiter.Inserted);
        Assert.Equal(0, resumed.Resume(limiter.State, limiter.Replayed, double.PositiveInfinity));
        Assert.Equal(limiter.Credit, resumed.Credit);
        Assert.Equal(limiter.State, resumed.State);
    }

    [Fact]
    public void ANonPositiveRatioNamesTheSetting() =>
        Assert.Contains("limiter.train_ratio", Assert.Throws<ArgumentOutOfRangeException>(() => new RateLimiter(double.NaN, 1, 1, 1, 0)).Message);
}
