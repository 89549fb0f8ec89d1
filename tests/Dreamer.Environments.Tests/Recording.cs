using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dreamer.Environments.Tests;

/// <summary>Episodes of one environment as Gymnasium played them.</summary>
public sealed record Recording([property: JsonPropertyName("episodes")] Recording.Episode[] Episodes)
{
    public sealed record Episode(
        [property: JsonPropertyName("seed")] ulong Seed,
        [property: JsonPropertyName("obs0")] float[] FirstObservation,
        [property: JsonPropertyName("state0")] double[] FirstState,
        [property: JsonPropertyName("steps")] Step[] Steps);

    public sealed record Step(
        [property: JsonPropertyName("a")] double[] Action,
        [property: JsonPropertyName("obs")] float[] Observation,
        [property: JsonPropertyName("state")] double[] State,
        [property: JsonPropertyName("r")] double Reward,
        [property: JsonPropertyName("te")] bool Terminated,
        [property: JsonPropertyName("tr")] bool Truncated);

    public static Recording Load(string environment)
    {
        using var stream = typeof(Recording).Assembly.GetManifestResourceStream($"gym_{environment}.json.gz")!;
        using var unpacked = new GZipStream(stream, CompressionMode.Decompress);
        return JsonSerializer.Deserialize<Recording>(unpacked)!;
    }
}
