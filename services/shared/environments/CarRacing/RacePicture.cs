using System.Globalization;
using System.Numerics;
using Dreamer.Environments.Rendering;

namespace Dreamer.Environments.CarRacing;

/// <summary>
/// Draws a race from above: the camera follows the car, which drives upwards from the lower quarter, and zooms in during
/// the first second. Below are, from left to right, the score, speed, the four wheels' speeds, steering angle and spin.
/// </summary>
internal sealed class RacePicture
{
    /// <summary>Width and height in pixels.</summary>
    public const int Size = 96;

    /// <summary>Rows above the dashboard.</summary>
    public const int RoadRows = 84;

    private const byte Black = 0;
    private const byte Field = 1;
    private const byte Meadow = 2;
    private const byte Road = 3;
    private const byte White = 6;
    private const byte Red = 7;
    private const byte HullRed = 8;
    private const byte TyreGrey = 9;
    private const byte Blue = 10;
    private const byte Violet = 11;
    private const byte Green = 12;
    private const float NearZoom = (float)(2.7 * Track.Scale);
    private const float FarZoom = (float)(0.1 * Track.Scale);
    private const float Patch = (float)(Track.FieldEdge / 20);
    private const float MovingSpeed = 0.5f;
    private const int Cells = 40;

    private static readonly Rgb[] Palette =
    [
        new(0, 0, 0), new(102, 204, 102), new(102, 230, 102), new(102, 102, 102), new(104, 104, 104), new(107, 107, 107),
        new(255, 255, 255), new(255, 0, 0), new(204, 0, 0), new(77, 77, 77), new(0, 0, 255), new(51, 0, 255), new(0, 255, 0),
    ];

    // Bit i of a digit lights segment i: top, upper right, lower right, bottom, lower left, upper left, middle.
    private const byte Minus = 0x40;
    private static readonly byte[] Digits = [0x3F, 0x06, 0x5B, 0x4F, 0x66, 0x6D, 0x7D, 0x07, 0x7F, 0x6F];
    private static readonly (float X1, float Y1, float X2, float Y2)[] Segments =
    [
        (0, 0, 1, 0.14f), (0.8f, 0, 1, 0.5f), (0.8f, 0.5f, 1, 1), (0, 0.86f, 1, 1), (0, 0.5f, 0.2f, 1), (0, 0, 0.2f, 0.5f), (0, 0.43f, 1, 0.57f),
    ];

    private readonly FineCanvas canvas = new(Size, Size, Palette);
    private readonly bool alongMotion;
    private readonly Vector2 window;

    /// <param name="alongMotion">The camera of 2017: up is where a moving car goes, not where it points, and the view is wider.</param>
    public RacePicture(bool alongMotion)
    {
        this.alongMotion = alongMotion;
        window = alongMotion ? new Vector2(1200, 1000) : new Vector2(1000, 800);
    }

    /// <summary>Writes uint8 [<see cref="Size"/>, <see cref="Size"/>, 3].</summary>
    public void Draw(Race race, Span<byte> pixels)
    {
        var view = View(race);
        canvas.Clear(Black);
        DrawGrass(view);
        DrawRoad(race, view);
        foreach (var wheel in race.Car.Wheels)
        {
            DrawWheel(wheel, view);
        }

        foreach (var part in Car.HullParts)
        {
            Polygon(part, Placement(race.Car.Hull) * view, HullRed);
        }

        DrawDashboard(race);
        canvas.CopyTo(pixels);
    }

    /// <summary>From metres to pixels.</summary>
    private Matrix3x2 View(Race race)
    {
        var hull = race.Car.Hull;
        var started = (float)Math.Min(race.Seconds, 1);
        var zoom = (FarZoom * (1 - started)) + (NearZoom * started);
        var angle = alongMotion && race.Car.Speed > MovingSpeed ? MathF.Atan2(hull.Velocity.X, hull.Velocity.Y) : -hull.Angle;
        return Matrix3x2.CreateTranslation(-hull.Origin)
            * Matrix3x2.CreateRotation(angle)
            * Matrix3x2.CreateScale(zoom * Size / window.X, -zoom * Size / window.Y)
            * Matrix3x2.CreateTranslation(Size / 2f, Size * 3 / 4f);
    }

    private void DrawGrass(Matrix3x2 view)
    {
        const float edge = (float)Track.FieldEdge;
        Rectangle(-edge, -edge, edge, edge, view, Field);
        for (var column = -20; column < 20; column += 2)
        {
            for (var row = -20; row < 20; row += 2)
            {
                Rectangle(Patch * column, Patch * row, Patch * (column + 1), Patch * (row + 1), view, Meadow);
            }
        }
    }

    private void DrawRoad(Race race, Matrix3x2 view)
    {
        for (var index = 0; index < race.Track.Tiles.Length; index++)
        {
            DrawTile(race.Track.Tiles[index], view, (byte)(race.IsWorn(index) ? Road : Road + (index % 3)));
            if (race.Track.Borders[index] is { } border)
            {
                DrawTile(border, view, index % 2 == 0 ? White : Red);
            }
        }
    }

    private void DrawTile(Tile tile, Matrix3x2 view, byte colour) => Polygon([tile.A, tile.B, tile.C, tile.D], view, colour);

    /// <summary>A wheel and the part of its light stripe that is on top as it rolls.</summary>
    private void DrawWheel(Wheel wheel, Matrix3x2 view)
    {
        const double stripe = 1.2;
        var place = Placement(wheel.Body) * view;
        Polygon(Car.WheelPart, place, Black);
        var (sine1, cosine1) = Math.SinCos(wheel.Phase);
        var (sine2, cosine2) = Math.SinCos(wheel.Phase + stripe);
        if (sine1 > 0 && sine2 > 0)
        {
            return;
        }

        var half = Car.WheelPart[0].X;
        var from = (float)(Wheel.Radius * (sine1 > 0 ? Math.Sign(cosine1) : cosine1));
        var to = (float)(Wheel.Radius * (sine2 > 0 ? Math.Sign(cosine2) : cosine2));
        Rectangle(-half, from, half, to, place, TyreGrey);
    }

    private void DrawDashboard(Race race)
    {
        var car = race.Car;
        var cells = Matrix3x2.CreateScale((float)Size / Cells);
        Rectangle(0, 35, Cells, Cells, cells, Black);
        Column(5, 0.02 * car.Speed, White);
        for (var index = 0; index < car.Wheels.Length; index++)
        {
            Column(7 + index, 0.01 * car.Wheels[index].Roll, index < 2 ? Blue : Violet);
        }

        Bar(20, -10 * car.Wheels[0].Angle, Green);
        Bar(30, -0.8 * car.Hull.Spin, Red);
        DrawScore((int)Math.Round(race.Score), cells);

        void Column(int place, double value, byte colour) => Rectangle(place, 39 - (float)value, place + 1, 39, cells, colour);
        void Bar(int place, double value, byte colour) => Rectangle(place, 36, place + (float)value, 38, cells, colour);
    }

    /// <summary>Four places of seven segments each.</summary>
    private void DrawScore(int score, Matrix3x2 cells)
    {
        const float left = 0.6f, pitch = 0.92f;
        Span<char> text = stackalloc char[12];
        score.TryFormat(text, out var length, score < 0 ? "D3" : "D4", CultureInfo.InvariantCulture);
        for (var index = 0; index < length; index++)
        {
            var lit = text[index] == '-' ? Minus : Digits[text[index] - '0'];
            var place = Matrix3x2.CreateScale(0.72f, 1.5f) * Matrix3x2.CreateTranslation(left + (pitch * index), 36.75f) * cells;
            for (var segment = 0; segment < Segments.Length; segment++)
            {
                if ((lit >> segment & 1) != 0)
                {
                    var (x1, y1, x2, y2) = Segments[segment];
                    Rectangle(x1, y1, x2, y2, place, White);
                }
            }
        }
    }

    private void Rectangle(float left, float top, float right, float bottom, Matrix3x2 to, byte colour) =>
        Polygon([new(left, top), new(right, top), new(right, bottom), new(left, bottom)], to, colour);

    private void Polygon(ReadOnlySpan<Vector2> corners, Matrix3x2 to, byte colour)
    {
        Span<Vector2> placed = stackalloc Vector2[corners.Length];
        for (var index = 0; index < corners.Length; index++)
        {
            placed[index] = Vector2.Transform(corners[index], to);
        }

        canvas.Polygon(placed, colour);
    }

    private static Matrix3x2 Placement(RigidBody body) =>
        new(body.Right.X, body.Right.Y, body.Forward.X, body.Forward.Y, body.Origin.X, body.Origin.Y);
}
