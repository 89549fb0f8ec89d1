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
        using var recording = Open($"gym_{environment}");
        return JsonSerializer.Deserialize<Recording>(recording)!;
    }

    /// <summary>A recording in a form of its own.</summary>
    public static JsonDocument Json(string name)
    {
        using var recording = Open(name);
        return JsonDocument.Parse(recording);
    }

    private static GZipStream Open(string name) =>
        new(typeof(Recording).Assembly.GetManifestResourceStream($"{name}.json.gz")!, CompressionMode.Decompress);
}
