using System.Numerics;
using System.Security.Cryptography;
using Dreamer.Environments.Rendering;

namespace Dreamer.Environments.Tests;

public sealed class PictureTests
{
    private const byte Dark = 0;
    private const byte Light = 1;

    [Fact]
    public void Polygons_cover_their_share_of_each_pixel_whichever_way_they_turn()
    {
        Vector2[] square = [new(1.5f, 1), new(4.25f, 1), new(4.25f, 3), new(1.5f, 3)];
        var there = Paint(canvas => canvas.Polygon(square, Light));
        Array.Reverse(square);

        Assert.Equal(there, Paint(canvas => canvas.Polygon(square, Light)));
        Assert.Equal([0, 100, 200, 200, 50, 0, 0, 0], Row(there, 1));
        Assert.Equal(Row(there, 1), Row(there, 2));
        Assert.Equal(new int[8], Row(there, 0));
        Assert.Equal(new int[8], Row(there, 3));
    }

    [Fact]
    public void Neighbours_leave_no_seam()
    {
        Vector2[] corners = [new(0.3f, 0.2f), new(7.1f, 0.9f), new(6.6f, 7.7f), new(1.2f, 6.4f)];
        var middle = new Vector2(3.3f, 4.1f);
        var whole = Paint(canvas => canvas.Polygon(corners, Light));
        var parts = Paint(canvas =>
        {
            for (var index = 0; index < corners.Length; index++)
            {
                canvas.Polygon([corners[index], corners[(index + 1) % corners.Length], middle], Light);
            }
        });
        Assert.Equal(whole, parts);
    }

    [Fact]
    public void What_lies_outside_is_cut_off()
    {
        Assert.Equal(new int[8], Row(Paint(canvas => canvas.Polygon([new(9, 1), new(20, 1), new(20, 7), new(9, 7)], Light)), 3));
        Assert.Equal(
            [0, 0, 0, 0, 0, 200, 200, 200], Row(Paint(canvas => canvas.Polygon([new(5, -9), new(20, -9), new(20, 70), new(5, 70)], Light)), 3));
    }

    [Theory]
    [InlineData(84, 64, "E29FB7D8")]
    [InlineData(96, 16, "228490B4")]
    [InlineData(96, 128, "23748BAE")]
    public void Resizing_gives_the_bytes_of_pillow(int rows, int size, string hash)
    {
        var from = new byte[96 * 96 * 3];
        for (var index = 0; index < from.Length; index++)
        {
            from[index] = (byte)((index * index * 7) + (index * 31));
        }

        var to = new byte[size * size * 3];
        new BilinearResize(96, rows, size, size).Apply(from, to);
        Assert.Equal(hash, Convert.ToHexString(SHA256.HashData(to))[..8]);
    }

    [Fact]
    public void More_colours_than_a_byte_can_name_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new FineCanvas(4, 4, new Rgb[257]));

    private static byte[] Paint(Action<FineCanvas> paint)
    {
        var canvas = new FineCanvas(8, 8, new Rgb(0, 0, 0), new Rgb(200, 0, 0));
        canvas.Clear(Light);
        canvas.Clear(Dark);
        paint(canvas);
        var pixels = new byte[8 * 8 * 3];
        canvas.CopyTo(pixels);
        return pixels;
    }

    private static int[] Row(byte[] pixels, int row) => [.. Enumerable.Range(0, 8).Select(column => (int)pixels[((row * 8) + column) * 3])];
}
