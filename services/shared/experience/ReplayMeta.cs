using System.Text.Json;

namespace Dreamer.Experience;

/// <summary>What the replay saves beside the chunks.</summary>
internal sealed record ReplayMeta(string? Schema, RateLimiterState? Limiter)
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static ReplayMeta Read(ReadOnlyMemory<byte> json) =>
        json.IsEmpty ? new ReplayMeta(null, null) : JsonSerializer.Deserialize<ReplayMeta>(json.Span, Options)!;

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, Options);
}
