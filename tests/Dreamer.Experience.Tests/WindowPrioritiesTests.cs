namespace Dreamer.Experience.Tests;

public sealed class WindowPrioritiesTests
{
    private const int Length = 5;
    private static readonly PriorityOptions Options = new() { Exponent = 0.5, PeakShare = 0.25 };

    [Fact]
    public void WindowsAreDrawnAsOftenAsTheirLargestStepAndTheirMeanSay()
    {
        var index = NewIndex();
        Add(index, 1, 8, 8, 3);
        Add(index, 2, 8, 6);
        var priorities = Known(index, new Random(3));
        Check(index, priorities, drawsPerWindow: 300);
    }

    [Fact]
    public void WeightsFollowWhileChunksComeAndGo()
    {
        var index = NewIndex();
        var random = new Random(7);
        for (var round = 0; round < 8; round++)
        {
            Add(index, random.Next(1, 4), 8, random.Next(1, 9), 8);
            while (index.Count > 9)
            {
                index.RemoveOldest();
            }

            Check(index, Known(index, random), drawsPerWindow: 60);
        }
    }

    [Fact]
    public void AnotherLengthWeighsAllWindowsAnew()
    {
        var index = NewIndex();
        Add(index, 1, 8, 8, 8);
        var priorities = Known(index, new Random(3));
        index.SetLength(12);
        Check(index, priorities, drawsPerWindow: 300);
    }

    [Fact]
    public void WindowsWithStepsOfWhichNothingIsKnownComeFirstAndAreAllAlike()
    {
        var index = NewIndex();
        Add(index, 1, 8, 8);
        var priorities = Known(index, new Random(3));
        Add(index, 2, 8, 4);
        var counts = new int[8];
        for (var draw = 0; draw < 4000; draw++)
        {
            Tell(index, priorities);
            Forget(index, 2);
            var (chunk, offset) = Draw(index, new SampleRandom(1, draw));
            Assert.Equal(Given.Stream(2), chunk.Stream.Id);
            counts[offset]++;
        }

        Assert.All(counts, count => Assert.InRange(count, 400, 600));
    }

    [Fact]
    public void AWindowIsSpentByItsDrawUntilItsStepsAreWorthSomethingAgain()
    {
        var index = NewIndex();
        Add(index, 1, 8, 8);
        var random = new SampleRandom(1);
        var seen = new HashSet<int>();

        // Twelve windows: every draw leaves fewer with a step of which nothing is known, and none is drawn twice.
        while (index.Priorities!.Draw(random, Length) is { } drawn)
        {
            Assert.True(seen.Add((int)drawn.Chunk.FirstStep + drawn.Offset));
        }

        Assert.InRange(seen.Count, 3, 12);
        index.Priorities.Set(new StepPriorities(index[1].Record.Id, 7, [1f]), Length);
        Assert.Equal((index[1], 3), index.Priorities.Draw(random, Length));
        Assert.Null(index.Priorities.Draw(random, Length));

        // The rule for windows that weigh nothing is that of uniform ones.
        var selectors = new SelectorOptions { Uniform = 0, Prioritized = 1 };
        Assert.InRange(WindowSampler.Draw(selectors, 0.5, index, 8, random).Offset, 0, 7);
    }

    [Fact]
    public void WhatIsNoPriorityOrOfNoChunkIsIgnored()
    {
        var index = NewIndex();
        Add(index, 1, 8);
        var (chunk, random) = (index[0].Record.Id, new SampleRandom(1));
        index.Priorities!.Set(new StepPriorities(chunk, 0, [0, 0, 0, 0, 0, 0, 0, 3]), Length);
        foreach (var ignored in (StepPriorities[])
        [
            new(chunk + 1000, 0, [9f]), new(chunk, -1, [9f]), new(chunk, 7, [9f, 9f]), new(chunk, 0, [float.NaN, float.PositiveInfinity, -1f]),
        ])
        {
            index.Priorities.Set(ignored, Length);
        }

        Assert.Equal((index[0], 3), index.Priorities.Draw(random, Length));
    }

    [Fact]
    public void PrioritiesOfABatchNameTheChunkAndTheFirstTrainedStepOfEveryPart()
    {
        var batch = new Batch(Given.Schema, 2, 5);
        (int, int)[] steps = [(7, 14), (7, 15), (8, 0), (8, 1), (8, 2), (9, 0), (9, 1), (9, 2), (9, 3), (9, 4)];
        steps.Select(step => new StepRef(step.Item1, step.Item2)).ToArray().CopyTo(batch.Steps, 0);

        var entries = StepPriorities.Of(batch, [1, 2, 3, 4, 5, 6, 7, 8]);

        Assert.Equal([(7, 15, 1), (8, 0, 3), (9, 1, 4)], entries.Select(entry => ((int)entry.Chunk, entry.Offset, entry.Values.Length)));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], entries.SelectMany(entry => entry.Values).Select(value => (int)value));
    }

    private static WindowIndex NewIndex()
    {
        var index = new WindowIndex(new WindowPriorities(Options));
        index.SetLength(Length);
        return index;
    }

    private static void Add(WindowIndex index, int stream, params int[] chunks)
    {
        foreach (var steps in chunks)
        {
            var sequence = index.Find(Given.Stream(stream))?.NextSequence ?? 0;
            index.Add(new ChunkRecord(Interlocked.Increment(ref _ids), Given.Stream(stream), sequence, steps, 100, false, false));
        }
    }

    /// <summary>A priority for every step, some of them 0, told to the index.</summary>
    private static Dictionary<long, float[]> Known(WindowIndex index, Random random)
    {
        var priorities = Enumerable.Range(0, index.Count).ToDictionary(
            position => index[position].Record.Id,
            position => Enumerable.Range(0, index[position].Record.Steps).Select(_ => random.Next(3) == 0 ? 0 : 10 * random.NextSingle()).ToArray());
        Tell(index, priorities);
        return priorities;
    }

    private static void Tell(WindowIndex index, Dictionary<long, float[]> priorities)
    {
        foreach (var (chunk, values) in priorities)
        {
            index.Priorities!.Set(new StepPriorities(chunk, 0, [.. values]), index.Length);
        }
    }

    /// <summary>Takes the stream's chunks out and in again.</summary>
    private static void Forget(WindowIndex index, int stream)
    {
        for (var position = 0; position < index.Count; position++)
        {
            if (index[position].Stream.Id == Given.Stream(stream))
            {
                index.Priorities!.Remove(index[position]);
            }
        }

        for (var position = index.Count - 1; position >= 0; position--)
        {
            index.Priorities!.Weigh(index[position], index.Length);
        }
    }

    private static (IndexedChunk Chunk, int Offset) Draw(WindowIndex index, SampleRandom random) => index.Priorities!.Draw(random, index.Length)!.Value;

    /// <summary>Chi-square of many draws, each after all priorities were told again, against the definition.</summary>
    private static void Check(WindowIndex index, Dictionary<long, float[]> priorities, int drawsPerWindow)
    {
        var weights = new Dictionary<(long, int), double>();
        for (var position = 0; position < index.Count; position++)
        {
            var ahead = new List<double>();
            for (var chunk = index[position]; chunk is not null; chunk = chunk.Next)
            {
                ahead.AddRange(priorities[chunk.Record.Id].Select(value => Math.Sqrt(value)));
            }

            for (var offset = 0; offset < index[position].Record.Steps && offset + index.Length <= ahead.Count; offset++)
            {
                var steps = ahead.GetRange(offset, index.Length);
                weights.Add((index[position].Record.Id, offset), (0.25 * steps.Max()) + (0.75 * steps.Average()));
            }
        }

        Assert.Equal(weights.Count, index.Items);
        var counts = weights.ToDictionary(pair => pair.Key, _ => 0);
        var draws = drawsPerWindow * weights.Count;
        var random = new SampleRandom(42);
        for (var draw = 0; draw < draws; draw++)
        {
            Tell(index, priorities);
            var (chunk, offset) = Draw(index, random);
            counts[(chunk.Record.Id, offset)]++;
        }

        var total = weights.Values.Sum();
        var possible = weights.Where(pair => pair.Value > 0).ToList();
        Assert.Equal(draws, possible.Sum(pair => counts[pair.Key]));
        var chiSquare = possible.Sum(pair => Math.Pow(counts[pair.Key] - (draws * pair.Value / total), 2) / (draws * pair.Value / total));
        var freedom = possible.Count - 1;
        var critical = freedom * Math.Pow(1 - (2.0 / (9 * freedom)) + (3.72 * Math.Sqrt(2.0 / (9 * freedom))), 3);
        Assert.InRange(chiSquare, 0, critical);
    }

    private static long _ids;
}
