using System.IO.Compression;
using System.Text.Json;

namespace Dreamer.Environments.Recordings;

/// <summary>Reads recordings from files, <c>.json</c> or <c>.json.gz</c>, and tells their formats apart by what they hold.</summary>
public static class RecordingFile
{
    /// <exception cref="RecordingFormatException">The file is no recording, or is damaged; says where.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Recording Load(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            using var stream = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : (Stream)file;
            using var document = JsonDocument.Parse(stream);
            var recording = Read(document.RootElement);
            return recording.Episodes.Length > 0 ? recording : throw new RecordingFormatException("it holds no episodes");
        }
        catch (Exception damaged) when (damaged is JsonException or InvalidDataException or RecordingFormatException)
        {
            throw new RecordingFormatException($"{path} is no recording that can be replayed: {damaged.Message.TrimEnd('.')}.", damaged);
        }
    }

    private static Recording Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new RecordingFormatException($"it holds a JSON {root.ValueKind.ToString().ToLowerInvariant()} and not an object");
        }

        return root switch
        {
            _ when root.TryGetProperty("domain", out _) => ControlFormat.Read(root),
            _ when RacingFormat.Fits(root) => RacingFormat.Read(root),
            _ when root.TryGetProperty("env", out _) => GymnasiumFormat.Read(root),
            _ when root.TryGetProperty("game", out _) => MinAtarFormat.Read(root),
            _ when root.TryGetProperty("runs", out var runs) && runs.ValueKind == JsonValueKind.Array && runs.GetArrayLength() > 0
                && runs[0].TryGetProperty("hash", out _) => CrafterFormat.Read(root),
            _ => throw new RecordingFormatException(
                "it has neither 'domain' (DeepMind Control), 'env' (Gymnasium), 'game' (MinAtar) nor 'runs' with a 'hash' (Crafter)"),
        };
    }
}
