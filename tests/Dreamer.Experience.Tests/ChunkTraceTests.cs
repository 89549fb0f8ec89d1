using System.Collections.Concurrent;
using System.Diagnostics;

namespace Dreamer.Experience.Tests;

public sealed class ChunkTraceTests
{
    private static readonly ActivityContext One = new(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded, isRemote: true);
    private static readonly ActivityContext Two = new(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded, isRemote: true);

    [Fact]
    public async Task The_first_plan_that_draws_a_followed_chunk_goes_on_with_its_trace_and_links_to_the_others()
    {
        using var spans = new Spans(One.TraceId, Two.TraceId);
        await using var buffer = await ReplayBuffer.OpenAsync(new MemoryChunkStore(), new ReplayOptions { ChunkSteps = 16 }, TimeProvider.System, default);
        buffer.UseSchema(Given.Schema);
        buffer.Attach(Given.Hello(batch: 2, length: 9, ratio: 50));
        foreach (var (one, two) in Given.Chunks(1, 32).Zip(Given.Chunks(2, 32)))
        {
            await buffer.AppendAsync(one with { Trace = one.Sequence == 0 ? One : default }, default);
            await buffer.AppendAsync(two with { Trace = two.Sequence == 0 ? Two : default }, default);
        }

        // The online queue begins with the first window of each stream.

        var first = await buffer.SampleAsync(default);
        var second = await buffer.SampleAsync(default);

        var commits = spans.Ended.Where(span => span.OperationName == "commit chunk").ToArray();
        Assert.Equal([One.SpanId, Two.SpanId], commits.Select(span => span.ParentSpanId));
        var plan = Assert.Single(spans.Ended, span => span.OperationName == "plan batch");
        Assert.Equal((One.TraceId, commits[0].SpanId), (plan.TraceId, plan.ParentSpanId));
        Assert.Equal(commits[1].Context, Assert.Single(plan.Links).Context);
        Assert.Equal(plan.Context, first.Trace);
        Assert.Equal(default, second.Trace);
    }

    [Fact]
    public async Task What_nobody_follows_makes_no_span_even_inside_somebody_s_span()
    {
        using var source = new ActivitySource("Dreamer.Experience.Around");
        using var listener = new ActivityListener { ShouldListenTo = around => around == source, Sample = All };
        ActivitySource.AddActivityListener(listener);
        using var around = source.StartActivity("around")!;
        using var spans = new Spans(around.TraceId);
        await using var buffer = await ReplayBuffer.OpenAsync(new MemoryChunkStore(), new ReplayOptions { ChunkSteps = 16 }, TimeProvider.System, default);
        buffer.UseSchema(Given.Schema);
        buffer.Attach(Given.Hello(batch: 2, length: 9, ratio: 50));
        foreach (var chunk in Given.Chunks(1, 32))
        {
            await buffer.AppendAsync(chunk, default);
        }

        Assert.Equal(default, (await buffer.SampleAsync(default)).Trace);
        Assert.Empty(spans.Ended);
    }

    [Fact]
    public void Chunks_that_are_never_drawn_are_forgotten_from_the_oldest()
    {
        using var spans = new Spans(One.TraceId);
        var traces = new ChunkTraces();
        var chunk = Given.Chunks(1, 16)[0] with { Trace = One };
        for (var id = 0; id < 5000; id++)
        {
            using var commit = ChunkTraces.Commit(chunk);
            traces.Committed(id, commit);
        }

        Assert.Null(traces.Plan(Enumerable.Range(0, 5000 - 1024).Select(id => (long)id), default));
        using var plan = traces.Plan(Enumerable.Range(0, 5000).Select(id => (long)id), default);
        Assert.InRange(plan!.Links.Count(), 1, 32);
    }

    private static ActivitySamplingResult All(ref ActivityCreationOptions<ActivityContext> options) => ActivitySamplingResult.AllDataAndRecorded;

    /// <summary>The replay's spans of some traces: other tests run beside this one.</summary>
    private sealed class Spans : IDisposable
    {
        private readonly ActivityListener _listener;
        private readonly ConcurrentQueue<Activity> _ended = new();

        public Spans(params ActivityTraceId[] traces)
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == "Dreamer.Experience",
                Sample = All,
                ActivityStopped = span =>
                {
                    if (traces.Contains(span.TraceId))
                    {
                        _ended.Enqueue(span);
                    }
                },
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public Activity[] Ended => [.. _ended];

        public void Dispose() => _listener.Dispose();
    }
}
