using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Dreamer.Operations;

/// <summary>The last entry of a backup: every file in it with its size and hash, so that a torn or altered one is found.</summary>
/// <param name="Format">Of the archive.</param>
/// <param name="Created">UTC.</param>
/// <param name="Updates">Of the checkpoint in it, -1 for none.</param>
/// <param name="Running">Whether it was taken from a run that went on.</param>
/// <param name="Files">In the archive's order.</param>
/// <param name="Sha256">Of <paramref name="Files"/>.</param>
internal sealed record BackupManifest(int Format, DateTime Created, long Updates, bool Running, IReadOnlyList<BackupManifest.Entry> Files, string Sha256)
{
    public const int CurrentFormat = 1;

    public const string Name = "MANIFEST.json";

    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    public static BackupManifest Create(long updates, bool running, IReadOnlyList<Entry> files) =>
        new(CurrentFormat, DateTime.UtcNow, updates, running, files, Hash(files));

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, Options);

    /// <exception cref="InvalidDataException">It is damaged or of another format.</exception>
    public static BackupManifest Read(Stream json)
    {
        BackupManifest? manifest;
        try
        {
            manifest = JsonSerializer.Deserialize<BackupManifest>(json, Options);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{Name} is damaged: {error.Message}", error);
        }

        if (manifest is not { Format: CurrentFormat })
        {
            throw new InvalidDataException($"{Name} is of format {manifest?.Format}, this release reads {CurrentFormat}");
        }

        return manifest.Files is not null && Hash(manifest.Files) == manifest.Sha256 ? manifest : throw new InvalidDataException($"the checksum of {Name} is wrong");
    }

    private static string Hash(IEnumerable<Entry> files) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', files.Select(file => $"{file.Path} {file.Bytes} {file.Sha256}")))));

    /// <summary>One file, its path relative to the logdir with slashes.</summary>
    public sealed record Entry(string Path, long Bytes, string Sha256);
}
