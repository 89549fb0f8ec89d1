using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dreamer.Environments.Tests;

/// <summary>What pictures and tracks are held against: Gymnasium's CarRacing-v3 as it ran on pybox2d 2.3.10. <see cref="RecordingReplayTests"/> follows its states.</summary>
public sealed record RacingRecording(
    [property: JsonPropertyName("episodes")] RacingRecording.Episode[] Episodes,
    [property: JsonPropertyName("tracks")] RacingRecording.Course[] Tracks)
{
    /// <param name="Kind"><c>random</c>, <c>noise</c>, <c>rest</c>, <c>leave</c> (ends outside the field) or <c>lap</c> (ends with the last tile).</param>
    /// <param name="Seed">Of the environment.</param>
    /// <param name="Steps">One per action.</param>
    public sealed record Episode(
        [property: JsonPropertyName("kind")] string Kind,
        [property: JsonPropertyName("seed")] ulong Seed,
        [property: JsonPropertyName("steps")] Step[] Steps);

    /// <param name="Action">Steering, gas and brake.</param>
    /// <param name="Frame">Where recorded: uint8 [96, 96, 3].</param>
    public sealed record Step(
        [property: JsonPropertyName("a")] double[] Action,
        [property: JsonPropertyName("frame")] byte[]? Frame);

    /// <param name="Seed">Of the generator.</param>
    /// <param name="Attempts">Draws until the ends of the track met.</param>
    /// <param name="Tiles">Of the track.</param>
    /// <param name="Polygons">Indices of the borders among all drawn polygons.</param>
    /// <param name="Points">Some points by index: bearing, heading, x, y.</param>
    public sealed record Course(
        [property: JsonPropertyName("seed")] ulong Seed,
        [property: JsonPropertyName("attempts")] int Attempts,
        [property: JsonPropertyName("tiles")] int Tiles,
        [property: JsonPropertyName("borders")] int[] Polygons,
        [property: JsonPropertyName("points")] Dictionary<int, double[]> Points);

    public static RacingRecording Load()
    {
        using var stream = typeof(RacingRecording).Assembly.GetManifestResourceStream("gym_CarRacing-v3.json.gz")!;
        using var unpacked = new GZipStream(stream, CompressionMode.Decompress);
        return JsonSerializer.Deserialize<RacingRecording>(unpacked)!;
    }
}
