using System.Buffers.Binary;

namespace Dreamer.Reporting;

/// <summary>
/// Writes animated GIF files. Up to 256 distinct colours are kept exactly; beyond that colours are rounded to a fixed 6 x 7 x 6 cube.
/// </summary>
public static class GifEncoder
{
    /// <summary>The bytes of a GIF that repeats for ever.</summary>
    /// <param name="frames">At least one, all of one size.</param>
    /// <param name="framesPerSecond">The format counts in 1/100 s.</param>
    public static byte[] Encode(IReadOnlyList<Raster> frames, double framesPerSecond = 30)
    {
        var first = frames.Count > 0 ? frames[0] : throw new ArgumentException("an animation needs a frame", nameof(frames));
        var palette = GifPalette.For(frames);
        var output = new MemoryStream();
        output.Write("GIF89a"u8);
        WriteUInt16(output, first.Width);
        WriteUInt16(output, first.Height);
        output.Write([0xF7, 0, 0]); // global table of 256 colours, 8 bits each
        output.Write(palette.Table);
        output.Write([0x21, 0xFF, 11, .. "NETSCAPE2.0"u8, 3, 1, 0, 0, 0]);

        var delay = Math.Max(2, (int)Math.Round(100 / framesPerSecond));
        var indices = new byte[first.Width * first.Height];
        foreach (var frame in frames)
        {
            if (frame.Width != first.Width || frame.Height != first.Height)
            {
                throw new ArgumentException($"a frame is {frame.Height}x{frame.Width}, the first is {first.Height}x{first.Width}", nameof(frames));
            }

            palette.Map(frame, indices);
            output.Write([0x21, 0xF9, 4, 0]);
            WriteUInt16(output, delay);
            output.Write([0, 0, 0x2C, 0, 0, 0, 0]);
            WriteUInt16(output, frame.Width);
            WriteUInt16(output, frame.Height);
            output.WriteByte(0);
            GifLzw.Write(output, indices);
        }

        output.WriteByte(0x3B);
        return output.ToArray();
    }

    private static void WriteUInt16(MemoryStream output, int value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)value);
        output.Write(bytes);
    }
}
