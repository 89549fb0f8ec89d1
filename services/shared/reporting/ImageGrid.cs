namespace Dreamer.Reporting;

/// <summary>Puts equally sized images into rows and columns, e.g. truth, model and error over time.</summary>
public static class ImageGrid
{
    /// <summary>One RGB image with <paramref name="gap"/> pixels of white between the cells; short rows are filled with white.</summary>
    public static Raster Compose(IReadOnlyList<IReadOnlyList<Raster>> rows, int gap = 1)
    {
        var first = rows.SelectMany(row => row).FirstOrDefault() ?? throw new ArgumentException("a grid needs an image", nameof(rows));
        var columns = rows.Max(row => row.Count);
        var (height, width) = ((rows.Count * (first.Height + gap)) - gap, (columns * (first.Width + gap)) - gap);
        var pixels = new byte[height * width * 3];
        pixels.AsSpan().Fill(255);
        for (var y = 0; y < rows.Count; y++)
        {
            for (var x = 0; x < rows[y].Count; x++)
            {
                var cell = rows[y][x].ToRgb();
                if (cell.Height != first.Height || cell.Width != first.Width)
                {
                    throw new ArgumentException($"cell ({y}, {x}) is {cell.Height}x{cell.Width}, the first is {first.Height}x{first.Width}", nameof(rows));
                }

                for (var line = 0; line < cell.Height; line++)
                {
                    var at = ((y * (first.Height + gap)) + line) * width + (x * (first.Width + gap));
                    cell.Pixels.Span.Slice(line * cell.Width * 3, cell.Width * 3).CopyTo(pixels.AsSpan(3 * at));
                }
            }
        }

        return new Raster(height, width, 3, pixels);
    }
}
