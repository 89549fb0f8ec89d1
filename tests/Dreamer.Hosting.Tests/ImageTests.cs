using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Dreamer.Reporting;

namespace Dreamer.Hosting.Tests;

public class ImageTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_png_decodes_to_the_same_pixels(int channels)
    {
        var image = Noise(13, 7, channels, seed: 1);
        var png = PngEncoder.Encode(image);
        Assert.Equal([0x89, .. "PNG\r\n"u8, 0x1A, 0x0A], png[..8]);

        var chunks = PngChunks(png).ToList();
        Assert.Equal(["IHDR", "IDAT", "IEND"], chunks.Select(chunk => chunk.Type));
        var header = chunks[0].Data;
        Assert.Equal((7, 13), (BinaryPrimitives.ReadInt32BigEndian(header), BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(4))));
        Assert.Equal([8, (byte)(channels == 3 ? 2 : 0), 0, 0, 0], header[8..]);

        var raw = new MemoryStream();
        new ZLibStream(new MemoryStream(chunks[1].Data), CompressionMode.Decompress).CopyTo(raw);
        var rows = raw.ToArray().Chunk(1 + (7 * channels)).ToList();
        Assert.Equal(13, rows.Count);
        Assert.All(rows, row => Assert.Equal(0, row[0]));
        Assert.Equal(image.Pixels.ToArray(), rows.SelectMany(row => row[1..]));
    }

    [Theory]
    [InlineData(4, 1)]
    [InlineData(200, 3)]
    public void A_gif_of_few_colours_decodes_exactly(int colours, int frameCount)
    {
        var frames = Enumerable.Range(0, frameCount).Select(seed => Coloured(90, 110, colours, seed)).ToList();
        var (width, height, decoded) = GifReader.Read(GifEncoder.Encode(frames, framesPerSecond: 20));
        Assert.Equal((110, 90), (width, height));
        Assert.Equal(frames.Select(frame => frame.Pixels.ToArray()), decoded);
    }

    [Fact]
    public void A_gif_of_many_colours_stays_close()
    {
        var frame = Noise(64, 64, 3, seed: 3);
        var decoded = Assert.Single(GifReader.Read(GifEncoder.Encode([frame])).Frames);
        var worst = frame.Pixels.ToArray().Zip(decoded, (a, b) => Math.Abs(a - b)).Max();
        Assert.InRange(worst, 1, 26);
    }

    [Fact]
    public void A_grid_places_its_cells()
    {
        var cells = Enumerable.Range(1, 3).Select(value => new Raster(1, 2, 1, new[] { (byte)value, (byte)(value * 10) })).ToList();
        var grid = ImageGrid.Compose([[cells[0], cells[1]], [cells[2]]]);
        Assert.Equal((3, 5, 3), (grid.Height, grid.Width, grid.Channels));
        Assert.Equal([1, 10, 255, 2, 20, 255, 255, 255, 255, 255, 3, 30, 255, 255, 255], grid.Pixels.ToArray().Where((_, i) => i % 3 == 1));
    }

    [Fact]
    public void Sizes_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new Raster(2, 2, 3, new byte[11]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Raster(1, 1, 4, new byte[4]));
        Assert.Throws<ArgumentException>(() => ImageGrid.Compose([[Noise(2, 2, 1, 0), Noise(2, 3, 1, 0)]]));
        Assert.Throws<ArgumentException>(() => GifEncoder.Encode([Noise(2, 2, 1, 0), Noise(2, 3, 1, 0)]));
    }

    private static Raster Noise(int height, int width, int channels, int seed)
    {
        var pixels = new byte[height * width * channels];
        new Random(seed).NextBytes(pixels);
        return new Raster(height, width, channels, pixels);
    }

    private static Raster Coloured(int height, int width, int colours, int seed)
    {
        var random = new Random(seed);
        var pixels = new byte[height * width * 3];
        for (var i = 0; i < pixels.Length; i += 3)
        {
            var colour = random.Next(colours);
            (pixels[i], pixels[i + 1], pixels[i + 2]) = ((byte)colour, (byte)(colour * 7), (byte)(255 - colour));
        }

        return new Raster(height, width, 3, pixels);
    }

    private static IEnumerable<(string Type, byte[] Data)> PngChunks(byte[] png)
    {
        for (var at = 8; at < png.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            var body = png[(at + 4)..(at + 8 + length)];
            Assert.Equal(Crc32(body), BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(at + 8 + length)));
            yield return (Encoding.ASCII.GetString(body, 0, 4), body[4..]);
            at += 12 + length;
        }
    }

    // Bit by bit as the standard defines it: shares no table with the encoder.
    private static uint Crc32(byte[] data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return ~crc;
    }
}
