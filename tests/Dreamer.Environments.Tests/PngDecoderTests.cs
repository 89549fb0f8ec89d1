using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Dreamer.Environments.Rendering;

namespace Dreamer.Environments.Tests;

public sealed class PngDecoderTests
{
    private const int Width = 7;
    private const int Height = 5;

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void Every_filter_is_undone(int channels)
    {
        var pixels = Pixels(channels);
        var (width, height, rgba) = PngDecoder.Decode(Encode(pixels, channels));

        Assert.Equal((Width, Height), (width, height));
        for (var pixel = 0; pixel < Width * Height; pixel++)
        {
            Assert.Equal(pixels.Skip(pixel * channels).Take(channels), rgba.Skip(pixel * 4).Take(channels));
            Assert.Equal(channels == 3 ? 255 : pixels[(pixel * channels) + 3], rgba[(pixel * 4) + 3]);
        }
    }

    [Fact]
    public void Damaged_and_foreign_files_are_refused()
    {
        var file = Encode(Pixels(3), 3);
        Assert.Equal("it is not a PNG file", Refusal(file[1..]));
        Assert.Equal("it is cut off", Refusal(file[..^20]));
        Assert.Equal("it has no header", Refusal(file[..8]));

        var indexed = file.ToArray();
        indexed[8 + 8 + 9] = 3;
        Assert.Equal("save it as RGB or RGBA with 8 bits per channel, not interlaced", Refusal(indexed));

        var huge = file.ToArray();
        huge[8 + 8] = 0x7f;
        Assert.Equal("save it as RGB or RGBA with 8 bits per channel, not interlaced", Refusal(huge));
        Assert.Equal("its pixels are damaged", Refusal(Encode(Pixels(3)[..^3], 3)));
    }

    private static string Refusal(byte[] file) => Assert.Throws<FormatException>(() => PngDecoder.Decode(file)).Message;

    private static byte[] Pixels(int channels)
    {
        var pixels = new byte[Width * Height * channels];
        new Random(channels).NextBytes(pixels);
        return pixels;
    }

    /// <summary>One row per filter, in the order of their numbers.</summary>
    private static byte[] Encode(byte[] pixels, int channels)
    {
        var stride = Width * channels;
        using var packed = new MemoryStream();
        using (var stream = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var index = 0; index < pixels.Length; index++)
            {
                var (row, place) = (index / stride, index % stride);
                if (place == 0)
                {
                    stream.WriteByte((byte)row);
                }

                int left = place < channels ? 0 : pixels[index - channels], up = row == 0 ? 0 : pixels[index - stride];
                int corner = place < channels || row == 0 ? 0 : pixels[index - stride - channels];
                var paeth = new[] { left, up, corner }.MinBy(value => Math.Abs(left + up - corner - value));
                stream.WriteByte((byte)(pixels[index] - row switch { 0 => 0, 1 => left, 2 => up, 3 => (left + up) / 2, _ => paeth }));
            }
        }

        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), Height);
        (header[8], header[9]) = (8, (byte)(channels == 3 ? 2 : 6));
        return [0x89, .. "PNG\r\n"u8, 0x1a, 0x0a, .. Chunk("IHDR", header), .. Chunk("IDAT", packed.ToArray()), .. Chunk("IEND", [])];
    }

    private static byte[] Chunk(string name, byte[] data)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, data.Length);
        return [.. length, .. Encoding.ASCII.GetBytes(name), .. data, 0, 0, 0, 0];
    }
}
