using System.Collections.Immutable;
using System.Numerics;
using Dreamer.Environments.Numpy;

namespace Dreamer.Environments.CarRacing;

/// <summary>A closed road of tiles, in metres around the middle of the field, and the red and white borders of its sharp turns.</summary>
internal sealed class Track
{
    /// <summary>The original's drawing units per metre.</summary>
    public const double Scale = 6;

    public const double TileLength = 21 / Scale;

    /// <summary>Radians by which the road turns from one tile to the next at most.</summary>
    public const double TurnRate = 0.31;

    /// <summary>Metres from the middle of the field to its edges, where an episode ends.</summary>
    public const double FieldEdge = 2000 / Scale;

    private const double HalfWidth = 40 / Scale;
    private const double BorderWidth = 8 / Scale;
    private const int ShortestBorder = 4;

    private Track(TrackPoint[] points)
    {
        Points = [.. points];
        Tiles = [.. points.Select((_, index) => Strip(index, -HalfWidth, HalfWidth))];
        Borders = [.. Sharp().Select((sharp, index) => sharp ? Border(index) : (Tile?)null)];
    }

    /// <summary>The centre line; the car starts at the first point.</summary>
    public ImmutableArray<TrackPoint> Points { get; }

    /// <summary>Tile i reaches from point i - 1 to point i.</summary>
    public ImmutableArray<Tile> Tiles { get; }

    /// <summary>The border of tile i, if it has one: white where i is even, else red.</summary>
    public ImmutableArray<Tile?> Borders { get; }

    public static Track Draw(Generator random) => new(TrackGenerator.Draw(random));

    private TrackPoint At(int index) => Points[(index + Points.Length) % Points.Length];

    /// <summary>The part of tile <paramref name="index"/> between two offsets to the right of the centre line.</summary>
    private Tile Strip(int index, double left, double right)
    {
        var (to, from) = (At(index), At(index - 1));
        return new Tile(Aside(to, left), Aside(to, right), Aside(from, right), Aside(from, left));
    }

    private Tile Border(int index)
    {
        var side = Math.Sign(At(index - 1).Heading - At(index).Heading);
        return Strip(index, side * HalfWidth, side * (HalfWidth + BorderWidth));
    }

    /// <summary>Whether each tile lies within a run of sharp turns to one side.</summary>
    private bool[] Sharp()
    {
        var sharp = new bool[Points.Length];
        for (var index = 0; index < sharp.Length; index++)
        {
            var (steep, sides) = (true, 0);
            for (var back = 0; back < ShortestBorder; back++)
            {
                var turn = At(index - back).Heading - At(index - back - 1).Heading;
                steep &= Math.Abs(turn) > TurnRate * 0.2;
                sides += Math.Sign(turn);
            }

            sharp[index] = steep && Math.Abs(sides) == ShortestBorder;
        }

        for (var index = 0; index < sharp.Length; index++)
        {
            for (var back = 0; back < ShortestBorder; back++)
            {
                sharp[(index - back + sharp.Length) % sharp.Length] |= sharp[index];
            }
        }

        return sharp;
    }

    private static Vector2 Aside(TrackPoint point, double offset) => new(
        (float)(point.X + (offset * Math.Cos(point.Heading))), (float)(point.Y + (offset * Math.Sin(point.Heading))));
}
