using System.Diagnostics.Metrics;
using Dreamer.Hosting.Telemetry;

namespace Dreamer.Hosting.Tests.Telemetry;

public sealed class PrometheusTests
{
    [Fact]
    public void Counters_gauges_and_histograms_come_out_as_prometheus_reads_them()
    {
        using var meter = new Meter("Dreamer.Prometheus.A");
        using var collector = new PrometheusCollector("Dreamer.Prometheus.A");
        var steps = meter.Counter(Instruments.EnvSteps);
        steps.Add(3);
        steps.Add(4);
        meter.Gauge(Instruments.PolicyAge, () => 2.5);
        meter.Gauge(Instruments.TrainRatio).Record(31.5);
        var wait = meter.Histogram(Instruments.LimiterWait);
        wait.Record(0.002, new KeyValuePair<string, object?>("side", "insert"));
        wait.Record(0.02, new KeyValuePair<string, object?>("side", "insert"));
        wait.Record(1000, new KeyValuePair<string, object?>("side", "insert"));

        var text = PrometheusText.Parse(collector.Scrape());
        Assert.Equal(7, text.Samples["dreamer_actor_env_steps_total"]);
        Assert.Equal("counter", text.Types["dreamer_actor_env_steps_total"]);
        Assert.Equal(2.5, text.Samples["dreamer_policy_age_seconds"]);
        Assert.Equal(31.5, text.Samples["dreamer_limiter_train_ratio"]);
        Assert.Equal("histogram", text.Types["dreamer_limiter_wait_seconds"]);
        Assert.Equal(0, text.Samples["dreamer_limiter_wait_seconds_bucket{side=\"insert\",le=\"0.001\"}"]);
        Assert.Equal(1, text.Samples["dreamer_limiter_wait_seconds_bucket{side=\"insert\",le=\"0.0025\"}"]);
        Assert.Equal(2, text.Samples["dreamer_limiter_wait_seconds_bucket{side=\"insert\",le=\"30\"}"]);
        Assert.Equal(3, text.Samples["dreamer_limiter_wait_seconds_bucket{side=\"insert\",le=\"+Inf\"}"]);
        Assert.Equal(3, text.Samples["dreamer_limiter_wait_seconds_count{side=\"insert\"}"]);
        Assert.Equal(1000.022, text.Samples["dreamer_limiter_wait_seconds_sum{side=\"insert\"}"], 9);
    }

    [Fact]
    public void What_has_not_happened_yet_is_zero_and_not_missing()
    {
        using var meter = new Meter("Dreamer.Prometheus.G");
        using var collector = new PrometheusCollector("Dreamer.Prometheus.G");
        meter.Counter(Instruments.PolicyRejected);
        meter.Counter(Instruments.CallsRefused).Add(2, new KeyValuePair<string, object?>("reason", "role"));
        meter.CreateCounter<long>("foreign");
        var text = PrometheusText.Parse(collector.Scrape());
        Assert.Equal(0, text.Samples["dreamer_policy_rejected_total"]);
        Assert.Equal(0, text.Samples["dreamer_edge_calls_refused_total{reason=\"token\"}"]);
        Assert.Equal(2, text.Samples["dreamer_edge_calls_refused_total{reason=\"role\"}"]);
        Assert.DoesNotContain("foreign_total", text.Samples.Keys);
    }

    [Fact]
    public void Odd_names_and_labels_are_escaped()
    {
        using var meter = new Meter("Dreamer.Prometheus.B");
        using var collector = new PrometheusCollector("Dreamer.Prometheus.B");
        meter.CreateUpDownCounter<int>("9 odd-name", "By", "line\nbreak \\").Add(-2, new KeyValuePair<string, object?>("a.b", "say \"hi\"\n\\"));
        meter.CreateGauge<double>("share", "1").Record(0.5);
        meter.CreateGauge<double>("huge").Record(double.PositiveInfinity);
        var text = PrometheusText.Parse(collector.Scrape());
        Assert.Equal(-2, text.Samples["""_9_odd_name_bytes{a_b="say \"hi\"\n\\"}"""]);
        Assert.Equal(0.5, text.Samples["share_ratio"]);
        Assert.Equal(double.PositiveInfinity, text.Samples["huge"]);
    }

    [Fact]
    public void Observed_totals_are_not_summed_and_vanished_labels_vanish()
    {
        using var meter = new Meter("Dreamer.Prometheus.C");
        using var collector = new PrometheusCollector("Dreamer.Prometheus.C");
        var actors = new List<string> { "a", "b" };
        meter.CreateObservableGauge("actors", () => actors.Select(name => new Measurement<long>(1, new KeyValuePair<string, object?>("actor", name))));
        meter.Counter(Instruments.Updates, () => 5);
        meter.CreateObservableGauge("broken", long () => throw new InvalidOperationException("no"));

        collector.Scrape();
        actors.Remove("a");
        var text = PrometheusText.Parse(collector.Scrape());
        Assert.Equal(5, text.Samples["dreamer_learner_updates_total"]);
        Assert.False(text.Samples.ContainsKey("actors{actor=\"a\"}"));
        Assert.Equal(1, text.Samples["actors{actor=\"b\"}"]);
    }

    [Fact]
    public void A_label_with_many_values_does_not_grow_without_end()
    {
        using var meter = new Meter("Dreamer.Prometheus.D");
        using var collector = new PrometheusCollector("Dreamer.Prometheus.D");
        var counter = meter.CreateCounter<long>("calls");
        for (var i = 0; i < 1000; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("id", i));
        }

        var text = PrometheusText.Parse(collector.Scrape());
        Assert.InRange(text.Samples.Count, 2, 300);
        Assert.Equal(1000, text.Samples.Values.Sum());
    }

    [Fact]
    public void Other_meters_are_left_alone_and_a_disposed_meter_goes()
    {
        using var other = new Meter("Somebody.Else");
        var meter = new Meter("Dreamer.Prometheus.E");
        using var collector = new PrometheusCollector("Dreamer.Prometheus.E");
        other.CreateCounter<long>("foreign").Add(1);
        meter.CreateCounter<long>("own").Add(1);
        Assert.Equal(["own_total"], PrometheusText.Parse(collector.Scrape()).Samples.Keys);
        meter.Dispose();
        Assert.Equal("", collector.Scrape());
    }

    [Fact]
    public void Two_meters_of_one_name_are_one_series()
    {
        using var one = new Meter("Dreamer.Prometheus.G");
        var two = new Meter("Dreamer.Prometheus.G");
        using var collector = new PrometheusCollector("Dreamer.Prometheus.G");
        one.CreateCounter<long>("calls").Add(2);
        two.CreateCounter<long>("calls").Add(3);
        Assert.Equal(5, PrometheusText.Parse(collector.Scrape()).Samples["calls_total"]);
        two.Dispose();
        Assert.Equal(5, PrometheusText.Parse(collector.Scrape()).Samples["calls_total"]);
    }

    [Fact]
    public void The_runtime_s_own_instruments_parse_too()
    {
        using var collector = new PrometheusCollector();
        var text = PrometheusText.Parse(collector.Scrape());
        Assert.Contains(text.Samples.Keys, name => name.StartsWith("dotnet_gc_", StringComparison.Ordinal));
    }

    [Fact]
    public void All_definitions_are_distinct_and_documented()
    {
        Assert.NotEmpty(Instruments.All);
        Assert.Equal(Instruments.All.Count, Instruments.All.Select(info => info.Name).Distinct().Count());
        Assert.All(Instruments.All, info => Assert.Matches("^dreamer(\\.[a-z_]+)+$", info.Name));
        Assert.All(Instruments.All, info => Assert.EndsWith(".", info.Description));
        Assert.Contains("| `dreamer.learner.wait` | histogram | `s` |", Instruments.ToMarkdown());
        using var meter = new Meter("Dreamer.Prometheus.F");
        Assert.Throws<ArgumentException>(() => meter.Counter(Instruments.LearnerWait));
    }
}
