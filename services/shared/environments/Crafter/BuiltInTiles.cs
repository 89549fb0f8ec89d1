using Dreamer.Environments.Rendering;

namespace Dreamer.Environments.Crafter;

/// <summary>Our own tiles: 8 x 8 letters each in <c>tiles.txt</c>, doubled to the original's 16 x 16 pixels.</summary>
internal static class BuiltInTiles
{
    private const int Drawn = 8;
    private const char Clear = '.';

    private static readonly Dictionary<char, Rgb> Palette = new()
    {
        ['K'] = new(20, 20, 24),
        ['W'] = new(244, 244, 240),
        ['M'] = new(220, 40, 220),
        ['g'] = new(84, 148, 62),
        ['G'] = new(56, 112, 48),
        ['t'] = new(38, 98, 44),
        ['T'] = new(60, 134, 56),
        ['b'] = new(52, 104, 196),
        ['B'] = new(110, 160, 228),
        ['s'] = new(124, 124, 128),
        ['S'] = new(92, 92, 98),
        ['p'] = new(176, 156, 128),
        ['P'] = new(150, 130, 104),
        ['y'] = new(232, 216, 140),
        ['Y'] = new(210, 190, 112),
        ['r'] = new(212, 52, 36),
        ['O'] = new(248, 156, 48),
        ['o'] = new(226, 158, 116),
        ['w'] = new(122, 82, 46),
        ['n'] = new(88, 58, 34),
        ['m'] = new(228, 92, 120),
        ['h'] = new(96, 60, 30),
        ['f'] = new(240, 200, 160),
        ['c'] = new(64, 84, 200),
    };

    public static IReadOnlyDictionary<string, Tile> All { get; } = Read();

    private static Dictionary<string, Tile> Read()
    {
        using var stream = typeof(BuiltInTiles).Assembly.GetManifestResourceStream("crafter-tiles.txt")!;
        using var reader = new StreamReader(stream);
        var tiles = new Dictionary<string, Tile>();
        while (reader.ReadLine() is { } name)
        {
            var rgba = new byte[Drawn * Drawn * 4];
            for (var y = 0; y < Drawn; y++)
            {
                var row = reader.ReadLine()!;
                for (var x = 0; x < Drawn; x++)
                {
                    if (row[x] != Clear)
                    {
                        var colour = Palette[row[x]];
                        ((ReadOnlySpan<byte>)[colour.R, colour.G, colour.B, byte.MaxValue]).CopyTo(rgba.AsSpan(((y * Drawn) + x) * 4));
                    }
                }
            }

            tiles.Add(name, new Tile(Drawn, rgba).Resize(2 * Drawn));
        }

        return tiles;
    }
}
