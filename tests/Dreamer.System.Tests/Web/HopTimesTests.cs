using System.Diagnostics.Metrics;
using Dreamer.Learner.Web;

namespace Dreamer.System.Tests.Web;

public sealed class HopTimesTests
{
    [Fact]
    public void Quantiles_are_those_of_the_last_minute()
    {
        var clock = new StepClock();
        using var hops = new HopTimes(clock);
        using var meter = new Meter($"Dreamer.Test{Guid.NewGuid():N}");
        var duration = meter.CreateHistogram<double>("test.hop.duration", "s", "A test.");
        for (var i = 1; i <= 100; i++)
        {
            duration.Record(i < 99 ? 0.010 : 2.0, KeyValuePair.Create<string, object?>("side", "insert"));
        }

        var hop = Assert.Single(hops.Recent(), hop => hop.Name == "test.hop.duration insert");
        Assert.Equal(("A test.", 100L), (hop.Meaning, hop.Count));
        Assert.InRange(hop.P50, 0.0094, 0.0106);
        Assert.InRange(hop.P99, 1.88, 2.12);

        clock.Advance(40);
        Assert.Contains(hops.Recent(), hop => hop.Name == "test.hop.duration insert");
        clock.Advance(40);
        Assert.DoesNotContain(hops.Recent(), hop => hop.Name == "test.hop.duration insert");
    }

    [Fact]
    public void Counters_add_up_and_gauges_hold_the_newest()
    {
        var clock = new StepClock();
        using var hops = new HopTimes(clock);
        using var meter = new Meter($"Dreamer.Test{Guid.NewGuid():N}");
        var (counter, gauge) = (meter.CreateCounter<long>("test.steps"), meter.CreateGauge<double>("test.version"));
        Assert.Null(hops.Value(meter.Name, "test.steps"));
        counter.Add(3);
        counter.Add(4);
        gauge.Record(8);
        gauge.Record(9);
        clock.Advance(5);
        Assert.Equal((7.0, TimeSpan.FromSeconds(5)), hops.Value(meter.Name, "test.steps"));
        Assert.Equal(9.0, hops.Value(meter.Name, "test.version")!.Value.Value);
    }

    private sealed class StepClock : TimeProvider
    {
        private long _seconds;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => _seconds;

        public void Advance(int seconds) => _seconds += seconds;
    }
}
