using System.Text.Json;

namespace Dreamer.Experience;

/// <summary>What the replay saves beside the chunks.</summary>
internal sealed record ReplayMeta(string? Schema, RateLimiterState? Limiter)
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <exception cref="StoreDamagedException">These bytes are none.</exception>
    public static ReplayMeta Read(ReadOnlyMemory<byte> json)
    {
        if (json.IsEmpty)
        {
            return new ReplayMeta(null, null);
        }

        try
        {
            var meta = JsonSerializer.Deserialize<ReplayMeta>(json.Span, Options) ?? throw new FormatException("it is empty");
            if (meta.Schema is not null)
            {
                Experience.Schema.Parse(meta.Schema);
            }

            return meta.Limiter is { } limiter && !(limiter.Ratio > 0 && double.IsFinite(limiter.Ratio) && double.IsFinite(limiter.BaseCredit))
                ? throw new FormatException($"the limiter says {limiter}")
                : meta;
        }
        catch (Exception error) when (error is JsonException or FormatException or ArgumentException or OverflowException)
        {
            throw new StoreDamagedException(
                $"schema and limiter, as the replay saved them, cannot be read ({error.Message}): restore the store from a backup, or empty it and start with fresh experience", error);
        }
    }

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, Options);
}
