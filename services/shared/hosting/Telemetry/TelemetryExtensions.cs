using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using OpenTelemetry.Logs;
using OpenTelemetry.Resources;

namespace Dreamer.Hosting.Telemetry;

/// <summary>Telemetry that every service has.</summary>
public static class TelemetryExtensions
{
    /// <summary>Which process of the service this is.</summary>
    internal static string Instance { get; } = $"{Environment.MachineName}-{Environment.ProcessId}";

    /// <inheritdoc cref="AddDreamerTelemetry{TBuilder}(TBuilder, string, TelemetrySettings, string)"/>
    public static TBuilder AddDreamerTelemetry<TBuilder>(this TBuilder builder, string serviceName, DreamerConfiguration configuration)
        where TBuilder : IHostApplicationBuilder =>
        builder.AddDreamerTelemetry(
            serviceName, configuration.Bind<TelemetrySettings>("telemetry"), Path.GetFileName(Path.TrimEndingDirectorySeparator(configuration["logdir"])));

    /// <summary>
    /// Logs to stderr, one line each, collects <c>Dreamer.*</c> instruments for <c>/metrics</c>, and sends metrics, traces and logs over
    /// OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set.
    /// </summary>
    /// <param name="builder">The host.</param>
    /// <param name="serviceName">e.g. <c>dreamer-replay</c>.</param>
    /// <param name="settings">Section <c>telemetry</c>.</param>
    /// <param name="run">Name of the run, which every process of it tells: that of its logdir.</param>
    public static TBuilder AddDreamerTelemetry<TBuilder>(this TBuilder builder, string serviceName, TelemetrySettings settings, string run = "")
        where TBuilder : IHostApplicationBuilder
    {
        builder.Logging.ClearProviders();
        builder.Logging.SetMinimumLevel(settings.LogLevel);
        var ofOthers = settings.LogLevel > LogLevel.Warning ? settings.LogLevel : LogLevel.Warning;
        builder.Logging.AddFilter("Microsoft", ofOthers);
        builder.Logging.AddFilter("Grpc", ofOthers);

        // What keeps a host from starting is thrown as well, and shown once as one line.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        if (settings.LogFormat == LogFormat.Json)
        {
            builder.Services.AddSingleton(new JsonLogSource(serviceName, run, Instance));
            builder.Logging.AddConsole(console => console.FormatterName = JsonLogFormatter.Key);
            builder.Logging.AddConsoleFormatter<JsonLogFormatter, ConsoleFormatterOptions>();
        }
        else
        {
            builder.Logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.TimestampFormat = "HH:mm:ss ";
                console.ColorBehavior = LoggerColorBehavior.Disabled;
            });
        }

        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddSingleton(_ => new PrometheusCollector());
        builder.Services.AddHostedService<CollectorStart>();

        if (OtlpExport.IsWanted)
        {
            builder.Services.AddHostedService(_ => new OtlpExport(serviceName, run, settings));
            builder.Logging.AddOpenTelemetry(logs =>
            {
                logs.IncludeFormattedMessage = true;
                logs.IncludeScopes = true;
                var resource = ResourceBuilder.CreateDefault();
                OtlpExport.Describe(resource, serviceName, run);
                logs.SetResourceBuilder(resource);
                logs.AddOtlpExporter();
            });
        }

        return builder;
    }

    // The collector must listen from the start, not from the first scrape.
    private sealed class CollectorStart(PrometheusCollector collector) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            GC.KeepAlive(collector);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
