using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Dreamer.Hosting.Settings;
using Dreamer.Hosting.Telemetry;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dreamer.Hosting.Tests.Telemetry;

// Alone, because the standard variables are those of the whole process.
[CollectionDefinition(nameof(OtlpTests), DisableParallelization = true)]
[Collection(nameof(OtlpTests))]
public sealed class OtlpTests
{
    [Fact]
    public async Task Metrics_traces_and_logs_reach_the_receiver_that_the_variables_name()
    {
        var received = new ConcurrentDictionary<string, byte[]>();
        var receiverBuilder = WebApplication.CreateSlimBuilder();
        receiverBuilder.Logging.ClearProviders();
        receiverBuilder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var receiver = receiverBuilder.Build();
        receiver.MapPost("/v1/{kind}", async (string kind, HttpRequest request) =>
        {
            var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            received.AddOrUpdate(kind, body.ToArray(), (_, before) => [.. before, .. body.ToArray()]);
        });
        await receiver.StartAsync();

        var variables = new Dictionary<string, string> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = receiver.Urls.Single(), ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf" };
        foreach (var (name, value) in variables)
        {
            Environment.SetEnvironmentVariable(name, value);
        }

        try
        {
            var builder = Host.CreateApplicationBuilder();
            builder.AddDreamerTelemetry("dreamer-replay", new TelemetrySettings { LogLevel = LogLevel.Information, ExportSeconds = 600, TraceRatio = 1 }, "a-run");
            using var host = builder.Build();
            await host.StartAsync();
            using var meter = new Meter("Dreamer.Otlp");
            meter.Counter(Instruments.InsertedSteps).Add(64);
            using var source = new ActivitySource("Dreamer.Otlp");
            using (source.StartActivity("commit chunk"))
            {
                host.Services.GetRequiredService<ILogger<OtlpTests>>().LogInformation("chunk {Sequence} committed", 7);
            }

            await host.StopAsync();
        }
        finally
        {
            foreach (var name in variables.Keys)
            {
                Environment.SetEnvironmentVariable(name, null);
            }
        }

        // Field numbers of opentelemetry.proto: resource 1, scope 2, then metric / span / log record 2.
        Assert.Contains("dreamer.replay.inserted_steps", Strings(received["metrics"], 1, 2, 2, 1));
        Assert.Contains("commit chunk", Strings(received["traces"], 1, 2, 2, 5));
        Assert.Contains("chunk 7 committed", Strings(received["logs"], 1, 2, 2, 5, 1));
        foreach (var body in received.Values)
        {
            Assert.Contains("dreamer-replay", Strings(body, 1, 1, 1, 2, 1));
            Assert.Contains("a-run", Strings(body, 1, 1, 1, 2, 1));
        }
    }

    [Theory]
    [InlineData(0, null, false)]
    [InlineData(1, null, true)]
    [InlineData(0, "always_on", true)]
    public async Task The_share_of_traces_is_the_setting_s_unless_the_standard_variable_names_a_sampler(double ratio, string? sampler, bool followed)
    {
        var variables = new Dictionary<string, string?> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:1", ["OTEL_TRACES_SAMPLER"] = sampler };
        foreach (var (name, value) in variables)
        {
            Environment.SetEnvironmentVariable(name, value);
        }

        try
        {
            using var export = new OtlpExport("dreamer-replay", "a-run", new TelemetrySettings { ExportSeconds = 600, TraceRatio = ratio });
            await export.StartAsync(CancellationToken.None);
            using var source = new ActivitySource("Dreamer.Otlp");
            using var span = source.StartActivity("environment steps");
            Assert.Equal(followed, span is { Recorded: true });

            // Whoever goes on with somebody's trace goes by their choice.
            foreach (var flags in new[] { ActivityTraceFlags.None, ActivityTraceFlags.Recorded })
            {
                var context = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), flags, isRemote: true);
                using var next = source.StartActivity("commit chunk", ActivityKind.Consumer, context);
                Assert.Equal(sampler is not null || flags == ActivityTraceFlags.Recorded, next is { Recorded: true });
            }
        }
        finally
        {
            foreach (var name in variables.Keys)
            {
                Environment.SetEnvironmentVariable(name, null);
            }
        }
    }

    [Fact]
    public async Task Without_the_variable_nothing_is_sent_and_the_collector_listens()
    {
        Assert.Null(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT"));
        var builder = Host.CreateApplicationBuilder();
        builder.AddDreamerTelemetry("dreamer-replay", new TelemetrySettings { LogLevel = LogLevel.None, ExportSeconds = 10 }, "a-run");
        using var host = builder.Build();
        await host.StartAsync();
        using var meter = new Meter("Dreamer.Otlp");
        meter.Counter(Instruments.ReplayedSteps).Add(64);
        Assert.Contains("dreamer_replay_replayed_steps_total 64", host.Services.GetRequiredService<PrometheusCollector>().Scrape());
        Assert.DoesNotContain(host.Services.GetServices<IHostedService>(), service => service.GetType().Name.Contains("Otlp"));
    }

    // All values of the field that the path of numbers leads to.
    private static IEnumerable<string> Strings(byte[] message, params int[] path)
    {
        var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag && tag != 0)
        {
            if (WireFormat.GetTagFieldNumber(tag) != path[0] || WireFormat.GetTagWireType(tag) != WireFormat.WireType.LengthDelimited)
            {
                input.SkipLastField();
                continue;
            }

            var value = input.ReadBytes();
            foreach (var text in path.Length == 1 ? [value.ToStringUtf8()] : Strings(value.ToByteArray(), path[1..]))
            {
                yield return text;
            }
        }
    }
}
