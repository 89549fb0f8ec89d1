using System.Reflection;
using System.Runtime.InteropServices;

namespace Dreamer.Experience;

/// <summary>LZ4 blocks. Compression needs liblz4 (Debian: liblz4-1); reading works everywhere.</summary>
internal static unsafe partial class Lz4
{
    private const string Library = "liblz4.so.1";
    private const int MinimumMatch = 4;

    /// <summary>Whether the system's library was found.</summary>
    public static bool Available { get; } = NativeLibrary.TryLoad(Library, Assembly.GetExecutingAssembly(), null, out _);

    /// <summary>Bytes written, 0 when the result does not fit into <paramref name="destination"/>.</summary>
    public static int Compress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        fixed (byte* from = source, to = destination)
        {
            return LZ4_compress_default(from, to, source.Length, destination.Length);
        }
    }

    /// <summary>Writes the first <c>destination.Length</c> decompressed bytes.</summary>
    /// <returns>False when the block is damaged or shorter.</returns>
    public static bool Decompress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (!Available)
        {
            return DecompressManaged(source, destination);
        }

        fixed (byte* from = source, to = destination)
        {
            return LZ4_decompress_safe_partial(from, to, source.Length, destination.Length, destination.Length) == destination.Length;
        }
    }

    /// <summary>The same without the library, several times slower.</summary>
    internal static bool DecompressManaged(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        int read = 0, written = 0;
        while (written < destination.Length)
        {
            if (read >= source.Length)
            {
                return false;
            }

            var token = source[read++];
            if (!Length(source, ref read, token >> 4, out var literals) || literals > source.Length - read)
            {
                return false;
            }

            var copied = Math.Min(literals, destination.Length - written);
            source.Slice(read, copied).CopyTo(destination[written..]);
            (read, written) = (read + literals, written + copied);
            if (written == destination.Length)
            {
                return true;
            }

            if (source.Length - read < 2)
            {
                return false;
            }

            var distance = source[read] | (source[read + 1] << 8);
            read += 2;
            if (distance == 0 || distance > written || !Length(source, ref read, token & 15, out var match))
            {
                return false;
            }

            // Byte by byte: a match may overlap what it writes.
            for (var left = Math.Min(match + MinimumMatch, destination.Length - written); left > 0; left--, written++)
            {
                destination[written] = destination[written - distance];
            }
        }

        return true;
    }

    private static bool Length(ReadOnlySpan<byte> source, ref int read, int first, out int length)
    {
        length = first;
        if (first < 15)
        {
            return true;
        }

        byte more;
        do
        {
            if (read >= source.Length || length > int.MaxValue / 2)
            {
                return false;
            }

            more = source[read++];
            length += more;
        }
        while (more == 255);
        return true;
    }

    [LibraryImport(Library)]
    private static partial int LZ4_compress_default(byte* source, byte* destination, int sourceSize, int capacity);

    [LibraryImport(Library)]
    private static partial int LZ4_decompress_safe_partial(byte* source, byte* destination, int sourceSize, int target, int capacity);
}
