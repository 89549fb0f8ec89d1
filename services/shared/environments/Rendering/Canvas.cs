using System.Numerics;

namespace Dreamer.Environments.Rendering;

/// <summary>
/// Draws anti-aliased shapes straight into an image observation: uint8 [height, width, 3], row 0 on top. Coordinates are
/// pixels; the centre of the first pixel is (0.5, 0.5). A pixel's coverage is its distance to the shape's border, so the
/// same shape gives the same bytes on every machine.
/// </summary>
public readonly ref struct Canvas
{
    private readonly Span<byte> pixels;

    /// <exception cref="ArgumentException">The buffer is not height x width x 3 bytes.</exception>
    public Canvas(Span<byte> pixels, int width, int height)
    {
        if (pixels.Length != width * height * 3)
        {
            throw new ArgumentException($"a {width}x{height} picture takes {width * height * 3} bytes, got {pixels.Length}", nameof(pixels));
        }

        this.pixels = pixels;
        (Width, Height) = (width, height);
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>The bytes of one row, [width, 3].</summary>
    public Span<byte> Row(int row) => pixels.Slice(row * Width * 3, Width * 3);

    /// <summary>Paints every pixel.</summary>
    public void Clear(Rgb colour)
    {
        for (var offset = 0; offset < pixels.Length; offset += 3)
        {
            (pixels[offset], pixels[offset + 1], pixels[offset + 2]) = (colour.R, colour.G, colour.B);
        }
    }

    /// <summary>One cell of a board of rows x columns that fills the picture, without soft edges.</summary>
    public void Cell(int row, int column, int rows, int columns, Rgb colour)
    {
        for (var y = row * Height / rows; y < (row + 1) * Height / rows; y++)
        {
            for (var x = column * Width / columns; x < (column + 1) * Width / columns; x++)
            {
                Blend(y, x, coverage: 1, colour);
            }
        }
    }

    /// <summary>A line of the given width with round ends.</summary>
    public void Line(Vector2 from, Vector2 to, float width, Rgb colour)
    {
        var reach = (width / 2) + 0.5f;
        var along = to - from;
        var squaredLength = (along.X * along.X) + (along.Y * along.Y);
        var box = Bounds(Vector2.Min(from, to), Vector2.Max(from, to), reach);
        for (var row = box.Top; row < box.Bottom; row++)
        {
            for (var column = box.Left; column < box.Right; column++)
            {
                var (x, y) = (column + 0.5f - from.X, row + 0.5f - from.Y);
                var share = squaredLength == 0 ? 0 : Math.Clamp(((x * along.X) + (y * along.Y)) / squaredLength, 0, 1);
                var (dx, dy) = (x - (share * along.X), y - (share * along.Y));
                Blend(row, column, reach - MathF.Sqrt((dx * dx) + (dy * dy)), colour);
            }
        }
    }

    /// <summary>A filled circle.</summary>
    public void Circle(Vector2 centre, float radius, Rgb colour) => Line(centre, centre, 2 * radius, colour);

    /// <summary>A filled convex polygon; corners in either direction of turn.</summary>
    public void Polygon(ReadOnlySpan<Vector2> corners, Rgb colour)
    {
        var (low, high, area) = (corners[0], corners[0], 0f);
        Span<Vector3> edges = stackalloc Vector3[corners.Length];
        for (var index = 0; index < corners.Length; index++)
        {
            var (corner, next) = (corners[index], corners[(index + 1) % corners.Length]);
            (low, high) = (Vector2.Min(low, corner), Vector2.Max(high, corner));
            area += (corner.X * next.Y) - (next.X * corner.Y);
            var (dx, dy) = (next.X - corner.X, next.Y - corner.Y);
            var length = MathF.Max(MathF.Sqrt((dx * dx) + (dy * dy)), 1e-6f);
            edges[index] = new Vector3(-dy / length, dx / length, ((dy * corner.X) - (dx * corner.Y)) / length);
        }

        var inside = MathF.Sign(area);
        var box = Bounds(low, high, 0.5f);
        for (var row = box.Top; row < box.Bottom; row++)
        {
            for (var column = box.Left; column < box.Right; column++)
            {
                var nearest = float.MaxValue;
                foreach (var edge in edges)
                {
                    nearest = MathF.Min(nearest, inside * ((edge.X * (column + 0.5f)) + (edge.Y * (row + 0.5f)) + edge.Z));
                }

                Blend(row, column, nearest + 0.5f, colour);
            }
        }
    }

    private (int Left, int Top, int Right, int Bottom) Bounds(Vector2 low, Vector2 high, float margin) => (
        Math.Clamp((int)MathF.Floor(low.X - margin), 0, Width), Math.Clamp((int)MathF.Floor(low.Y - margin), 0, Height),
        Math.Clamp((int)MathF.Ceiling(high.X + margin), 0, Width), Math.Clamp((int)MathF.Ceiling(high.Y + margin), 0, Height));

    private void Blend(int row, int column, float coverage, Rgb colour)
    {
        if (coverage <= 0)
        {
            return;
        }

        var pixel = pixels.Slice(((row * Width) + column) * 3, 3);
        if (coverage >= 1)
        {
            (pixel[0], pixel[1], pixel[2]) = (colour.R, colour.G, colour.B);
            return;
        }

        pixel[0] = Mix(pixel[0], colour.R, coverage);
        pixel[1] = Mix(pixel[1], colour.G, coverage);
        pixel[2] = Mix(pixel[2], colour.B, coverage);
    }

    private static byte Mix(byte below, byte above, float coverage) => (byte)(below + ((above - below) * coverage) + 0.5f);
}
