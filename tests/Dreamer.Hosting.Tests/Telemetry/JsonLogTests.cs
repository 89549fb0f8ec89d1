using System.Diagnostics;
using System.Text.Json;
using Dreamer.Hosting.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dreamer.Hosting.Tests.Telemetry;

public sealed partial class JsonLogTests
{
    [Fact]
    public void A_record_is_one_line_with_the_values_of_message_and_scopes_under_their_own_names()
    {
        var (logger, lines) = Logger();
        using (logger.BeginScope(new Dictionary<string, object?> { ["actor"] = "actor-1", ["sequence"] = 1L }))
        {
            Log.Gap(logger, "5f", 9, new InvalidOperationException("line\nbreak"));
        }

        var line = Assert.Single(lines);
        Assert.Equal(line.IndexOf('\n'), line.Length - 1);
        var record = JsonDocument.Parse(line).RootElement;
        Assert.Equal(
            ("warning", "dreamer-replay", "a-run", "here-1", "A.Logger", 7, "stream \"5f\" sends 9 at 0.5"),
            (Text(record, "level"), Text(record, "service"), Text(record, "run"), Text(record, "instance"), Text(record, "logger"), record.GetProperty("event").GetInt32(), Text(record, "message")));
        Assert.Equal(DateTime.UnixEpoch, record.GetProperty("time").GetDateTime());
        Assert.Equal(("actor-1", "5f", 9L, 0.5), (Text(record, "actor"), Text(record, "stream"), record.GetProperty("sequence").GetInt64(), record.GetProperty("share_of").GetDouble()));
        Assert.Contains("InvalidOperationException", Text(record, "error"));
        Assert.False(record.TryGetProperty("trace_id", out _));
    }

    [Fact]
    public void Inside_a_followed_span_it_names_the_span_and_no_value_hides_a_field_of_ours()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Dreamer.JsonLog",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        using var source = new ActivitySource("Dreamer.JsonLog");
        var (logger, lines) = Logger();
        using (var span = source.StartActivity("update"))
        {
            logger.LogInformation("{Service} {Run}, {Odd}", "other", 3, double.NaN);
            var record = JsonDocument.Parse(Assert.Single(lines)).RootElement;
            Assert.Equal((span!.TraceId.ToHexString(), span.SpanId.ToHexString()), (Text(record, "trace_id"), Text(record, "span_id")));
            Assert.Equal(("dreamer-replay", "other", 3, "NaN"), (Text(record, "service"), Text(record, "service_"), record.GetProperty("run_").GetInt32(), Text(record, "odd")));
        }
    }

    private static string? Text(JsonElement record, string name) => record.GetProperty(name).GetString();

    private static (ILogger Logger, List<string> Lines) Logger()
    {
        var logger = new ToLines(new JsonLogFormatter(new JsonLogSource("dreamer-replay", "a-run", "here-1"), new ManualClock()));
        return (logger, logger.Lines);
    }

    private sealed class ToLines(JsonLogFormatter formatter) : ILogger
    {
        private readonly LoggerExternalScopeProvider _scopes = new();

        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => _scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> describe)
        {
            var text = new StringWriter();
            formatter.Write(new LogEntry<TState>(logLevel, "A.Logger", eventId, state, exception, describe), _scopes, text);
            Lines.Add(text.ToString());
        }
    }

    private static partial class Log
    {
        [LoggerMessage(7, LogLevel.Warning, "stream \"{Stream}\" sends {Sequence} at {ShareOf}")]
        private static partial void Gap(ILogger logger, string stream, long sequence, double shareOf, Exception error);

        public static void Gap(ILogger logger, string stream, long sequence, Exception error) => Gap(logger, stream, sequence, 0.5, error);
    }
}
