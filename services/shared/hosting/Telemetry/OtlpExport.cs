using Dreamer.Hosting.Settings;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Dreamer.Hosting.Telemetry;

/// <summary>Sends metrics and traces over OTLP while the host runs; the standard <c>OTEL_*</c> variables say where to and how.</summary>
internal sealed class OtlpExport(string serviceName, string run, TelemetrySettings settings) : IHostedService, IDisposable
{
    private OpenTelemetrySdk? _sdk;

    /// <summary>Whether the environment names a receiver.</summary>
    public static bool IsWanted => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT"));

    /// <summary>Who sends: <c>OTEL_SERVICE_NAME</c> wins over our name.</summary>
    public static void Describe(ResourceBuilder resource, string serviceName, string run)
    {
        resource.AddService(serviceName, serviceInstanceId: TelemetryExtensions.Instance);
        resource.AddAttributes([KeyValuePair.Create<string, object>("dreamer.run", run)]);
        resource.AddEnvironmentVariableDetector();
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var chosenPeriod = Environment.GetEnvironmentVariable("OTEL_METRIC_EXPORT_INTERVAL") is not null;
        _sdk = OpenTelemetrySdk.Create(builder => builder
            .ConfigureResource(resource => Describe(resource, serviceName, run))
            .WithMetrics(metrics => metrics
                .AddMeter("Dreamer.*", "System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel")
                .AddOtlpExporter((_, reader) =>
                {
                    if (!chosenPeriod)
                    {
                        reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)(1000 * settings.ExportSeconds);
                    }
                }))
            .WithTracing(tracing =>
            {
                tracing.AddSource("Dreamer.*").AddOtlpExporter();
                if (Environment.GetEnvironmentVariable("OTEL_TRACES_SAMPLER") is null)
                {
                    // Whoever begins a trace decides for all who go on with it.
                    tracing.SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(settings.TraceRatio)));
                }
            }));
        return Task.CompletedTask;
    }

    // Disposing sends what is left.
    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _sdk?.Dispose();
        _sdk = null;
    }
}
