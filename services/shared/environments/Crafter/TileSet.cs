using Dreamer.Environments.Rendering;

namespace Dreamer.Environments.Crafter;

/// <summary>Tiles by name, at whatever size they are asked for.</summary>
internal sealed class TileSet(IReadOnlyDictionary<string, Tile> originals, string source)
{
    private readonly Dictionary<(string Name, int Size), Tile> resized = [];

    /// <summary>Our own.</summary>
    public static TileSet BuiltIn => new(BuiltInTiles.All, "the built-in tiles");

    /// <summary>The PNG files of a directory, by file name.</summary>
    /// <exception cref="ArgumentException">There is no such directory, or a file is no picture that we read.</exception>
    public static TileSet Load(string directory)
    {
        if (!Directory.Exists(directory))
        {
            throw new ArgumentException($"env.crafter_assets: there is no directory '{directory}'; leave it empty for the built-in tiles.");
        }

        return new(Directory.EnumerateFiles(directory, "*.png").ToDictionary(path => Path.GetFileNameWithoutExtension(path), Read), $"'{directory}'");
    }

    /// <exception cref="ArgumentException">There is no tile of that name.</exception>
    public Tile Get(string name, int size)
    {
        if (!resized.TryGetValue((name, size), out var tile))
        {
            tile = originals.TryGetValue(name, out var original)
                ? original.Resize(size)
                : throw new ArgumentException($"env.crafter_assets: {source} has no {name}.png.");
            resized.Add((name, size), tile);
        }

        return tile;
    }

    private static Tile Read(string path)
    {
        try
        {
            var (width, height, pixels) = PngDecoder.Decode(File.ReadAllBytes(path));
            return width == height ? new Tile(width, pixels) : throw new FormatException($"it is {width}x{height} pixels and no square");
        }
        catch (FormatException error)
        {
            throw new ArgumentException($"env.crafter_assets: cannot read '{path}': {error.Message}.", error);
        }
    }
}
