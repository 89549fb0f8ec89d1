using System.Diagnostics;

namespace Dreamer.Contracts;

/// <summary>Trace contexts as W3C's traceparent: <c>00-trace-span-01</c>, empty for none.</summary>
internal static class TraceParent
{
    public static string Write(ActivityContext context) =>
        context == default ? "" : $"00-{context.TraceId.ToHexString()}-{context.SpanId.ToHexString()}-{(int)context.TraceFlags:x2}";

    /// <summary>What cannot be read counts as none, as W3C asks for: a trace is no reason to refuse experience.</summary>
    public static ActivityContext Read(string text) =>
        text.Length > 0 && ActivityContext.TryParse(text, traceState: null, isRemote: true, out var context) ? context : default;
}
