using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Dreamer.Environments.Rendering;

/// <summary>Reads PNG pictures of 8 bits per channel in colour, with or without transparency.</summary>
public static class PngDecoder
{
    private const int LargestSide = 4096;
    private const int ChunkFrame = 12;
    private static readonly byte[] Signature = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a];

    /// <returns>Width, height, and the pixels [height, width, 4]: red, green, blue, opacity.</returns>
    /// <exception cref="FormatException">The bytes are no such picture.</exception>
    public static (int Width, int Height, byte[] Rgba) Decode(ReadOnlySpan<byte> file)
    {
        if (!file.StartsWith(Signature))
        {
            throw new FormatException("it is not a PNG file");
        }

        var (width, height, channels) = (0, 0, 0);
        using var packed = new MemoryStream();
        for (var rest = file[Signature.Length..]; rest.Length >= ChunkFrame;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length > rest.Length - ChunkFrame)
            {
                throw new FormatException("it is cut off");
            }

            var data = rest.Slice(8, (int)length);
            switch (Encoding.ASCII.GetString(rest.Slice(4, 4)))
            {
                case "IHDR":
                    (width, height, channels) = ReadHeader(data);
                    break;
                case "IDAT":
                    packed.Write(data);
                    break;
            }

            rest = rest[(ChunkFrame + (int)length)..];
        }

        return channels > 0 ? (width, height, Unfilter(Unpack(packed, (width * channels * height) + height), width, height, channels))
            : throw new FormatException("it has no header");
    }

    private static (int Width, int Height, int Channels) ReadHeader(ReadOnlySpan<byte> data)
    {
        if (data.Length != 13)
        {
            throw new FormatException("its header is damaged");
        }

        var (width, height) = (BinaryPrimitives.ReadUInt32BigEndian(data), BinaryPrimitives.ReadUInt32BigEndian(data[4..]));
        var channels = data[9] switch { 2 => 3, 6 => 4, _ => 0 };
        return width is > 0 and <= LargestSide && height is > 0 and <= LargestSide && channels > 0 && data[8] == 8 && data[12] == 0
            ? ((int)width, (int)height, channels)
            : throw new FormatException("save it as RGB or RGBA with 8 bits per channel, not interlaced");
    }

    private static byte[] Unpack(MemoryStream packed, int size)
    {
        packed.Position = 0;
        var rows = new byte[size];
        try
        {
            using var stream = new ZLibStream(packed, CompressionMode.Decompress);
            stream.ReadExactly(rows);
            return rows;
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
        {
            throw new FormatException("its pixels are damaged", error);
        }
    }

    private static byte[] Unfilter(byte[] rows, int width, int height, int channels)
    {
        var stride = width * channels;
        Span<byte> above = new byte[stride];
        var rgba = new byte[width * height * 4];
        for (var y = 0; y < height; y++)
        {
            var row = rows.AsSpan(y * (stride + 1), stride + 1);
            var line = row[1..];
            for (var x = 0; x < stride; x++)
            {
                var (left, up, corner) = x < channels ? (0, above[x], 0) : (line[x - channels], above[x], above[x - channels]);
                line[x] += (byte)Predict(row[0], left, up, corner);
            }

            for (var x = 0; x < width; x++)
            {
                var pixel = rgba.AsSpan(((y * width) + x) * 4, 4);
                pixel[3] = byte.MaxValue;
                line.Slice(x * channels, channels).CopyTo(pixel);
            }

            above = line;
        }

        return rgba;
    }

    private static int Predict(byte filter, int left, int up, int corner) => filter switch
    {
        0 => 0,
        1 => left,
        2 => up,
        3 => (left + up) / 2,
        4 => Nearest(left, up, corner),
        _ => throw new FormatException("its pixels are damaged"),
    };

    /// <summary>Paeth's predictor: whichever neighbour is nearest to left + up - corner.</summary>
    private static int Nearest(int left, int up, int corner)
    {
        var (toLeft, toUp, toCorner) = (Math.Abs(up - corner), Math.Abs(left - corner), Math.Abs(left + up - (2 * corner)));
        return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    }
}
