using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Dreamer.Hosting.Telemetry;

/// <summary>
/// A log record as one line of JSON: when, how bad, who, the message, and every value of the message and of the scopes around it under its own
/// name in snake_case (<c>actor</c>, <c>stream</c>, <c>sequence</c>).
/// </summary>
internal sealed class JsonLogFormatter(JsonLogSource source, TimeProvider? time = null) : ConsoleFormatter(Key)
{
    /// <summary>Name that the console logger finds it by.</summary>
    public const string Key = "dreamer-json";

    private const string Template = "{OriginalFormat}";

    private static readonly HashSet<string> Own =
        ["time", "level", "service", "run", "instance", "logger", "event", "message", "error", "trace_id", "span_id"];

    private readonly TimeProvider _time = time ?? TimeProvider.System;

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("time", _time.GetUtcNow().UtcDateTime);
            json.WriteString("level", logEntry.LogLevel.ToString().ToLowerInvariant());
            json.WriteString("service", source.Service);
            json.WriteString("run", source.Run);
            json.WriteString("instance", source.Instance);
            json.WriteString("logger", logEntry.Category);
            json.WriteNumber("event", logEntry.EventId.Id);
            json.WriteString("message", logEntry.Formatter(logEntry.State, logEntry.Exception));
            if (logEntry.Exception is { } error)
            {
                json.WriteString("error", error.ToString());
            }

            if (Activity.Current is { Recorded: true } span)
            {
                json.WriteString("trace_id", span.TraceId.ToHexString());
                json.WriteString("span_id", span.SpanId.ToHexString());
            }

            foreach (var (name, value) in Values(logEntry.State, scopeProvider))
            {
                Write(json, name, value);
            }

            json.WriteEndObject();
        }

        textWriter.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    /// <summary>Of the scopes from the outside in, then of the message: the nearest wins.</summary>
    private static Dictionary<string, object?> Values(object? state, IExternalScopeProvider? scopes)
    {
        var values = new Dictionary<string, object?>();
        scopes?.ForEachScope(Add, values);
        Add(state, values);
        return values;
    }

    private static void Add(object? state, Dictionary<string, object?> values)
    {
        foreach (var (name, value) in state as IEnumerable<KeyValuePair<string, object?>> ?? [])
        {
            if (name != Template)
            {
                var key = JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
                values[Own.Contains(key) ? key + "_" : key] = value;
            }
        }
    }

    private static void Write(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNull(name);
                break;
            case bool truth:
                json.WriteBoolean(name, truth);
                break;
            case int or long or uint or short or byte:
                json.WriteNumber(name, Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case double number when double.IsFinite(number):
                json.WriteNumber(name, number);
                break;
            default:
                json.WriteString(name, Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }
}
