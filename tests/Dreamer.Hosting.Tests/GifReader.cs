using System.Text;

namespace Dreamer.Hosting.Tests;

/// <summary>A small GIF decoder that follows the format's text, to check what the encoder writes.</summary>
internal static class GifReader
{
    public static (int Width, int Height, List<byte[]> Frames) Read(byte[] gif)
    {
        Assert.Equal("GIF89a", Encoding.ASCII.GetString(gif, 0, 6));
        var (width, height) = (BitConverter.ToUInt16(gif, 6), BitConverter.ToUInt16(gif, 8));
        Assert.Equal(0xF7, gif[10]);
        var table = gif[13..(13 + 768)];
        var frames = new List<byte[]>();
        var at = 13 + 768;
        while (gif[at] != 0x3B)
        {
            if (gif[at] == 0x21)
            {
                at += 2;
                Blocks(gif, ref at);
                continue;
            }

            Assert.Equal(0x2C, gif[at]);
            Assert.Equal((width, height), (BitConverter.ToUInt16(gif, at + 5), BitConverter.ToUInt16(gif, at + 7)));
            at += 10;
            Assert.Equal(8, gif[at++]);
            frames.Add([.. Decompress(Blocks(gif, ref at), width * height).SelectMany(index => table[(3 * index)..((3 * index) + 3)])]);
        }

        Assert.Equal(gif.Length - 1, at);
        return (width, height, frames);
    }

    private static byte[] Blocks(byte[] gif, ref int at)
    {
        var data = new List<byte>();
        while (gif[at] != 0)
        {
            data.AddRange(gif[(at + 1)..(at + 1 + gif[at])]);
            at += 1 + gif[at];
        }

        at++;
        return [.. data];
    }

    private static List<byte> Decompress(byte[] data, int pixels)
    {
        var output = new List<byte>(pixels);
        var table = new List<byte[]>();
        byte[]? previous = null;
        var (bit, width) = (0, 9);
        while (true)
        {
            var code = 0;
            for (var i = 0; i < width; i++, bit++)
            {
                code |= ((data[bit >> 3] >> (bit & 7)) & 1) << i;
            }

            if (code == 257)
            {
                Assert.Equal(pixels, output.Count);
                return output;
            }

            if (code == 256)
            {
                table = [.. Enumerable.Range(0, 258).Select(value => new[] { (byte)value })];
                (previous, width) = (null, 9);
                continue;
            }

            var entry = code < table.Count ? table[code] : [.. previous!, previous![0]];
            if (previous is not null && table.Count < 4096)
            {
                table.Add([.. previous, entry[0]]);
            }

            output.AddRange(entry);
            previous = entry;
            width = table.Count >= 2048 ? 12 : table.Count >= 1024 ? 11 : table.Count >= 512 ? 10 : 9;
        }
    }
}
