using Dreamer.Environments.Rendering;

namespace Dreamer.Environments.Bsuite;

/// <summary>Draws an observation of few numbers as a board: bright above zero, red below.</summary>
internal static class MatrixPicture
{
    private static readonly Rgb Background = new(20, 20, 40);

    public static void Draw(Canvas canvas, ReadOnlySpan<float> values, int rows, int columns)
    {
        canvas.Clear(Background);
        for (var index = 0; index < values.Length; index++)
        {
            var shade = (byte)(Math.Min(Math.Abs(values[index]), 1) * 215);
            if (shade > 0)
            {
                canvas.Cell(index / columns, index % columns, rows, columns, Colour(values[index], (byte)(shade + 40)));
            }
        }
    }

    private static Rgb Colour(float value, byte shade) => value > 0 ? new Rgb(shade, shade, shade) : new Rgb(shade, 30, 30);
}
