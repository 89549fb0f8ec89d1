using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Dreamer.Spaces;

namespace Dreamer.Experience;

/// <summary>
/// The stored form of a chunk: a header with a column table and its own checksum, then the columns. A window is read
/// straight out of it, without decoding the rest. Layout in docs/wire.md
/// </summary>
public static class ChunkCodec
{
    private const uint Magic = 0x31435244; // "DRC1"
    private const ushort Version = 1;
    private const ushort EndsStreamFlag = 1;
    private const int FixedHeader = 72;
    private const int TableEntry = 20;
    private const int EpisodeEntry = 16;
    private const byte Raw = 0;
    private const byte Lz4Block = 1;

    /// <summary>Encodes a chunk; the result has the exact size and is the caller's.</summary>
    public static byte[] Encode(Chunk chunk, Schema schema, ChunkCompression compression) =>
        Encode(chunk, schema, compression, size => GC.AllocateUninitializedArray<byte>(size)).Array!;

    /// <summary>Encodes a chunk into an array of at least the size asked for.</summary>
    internal static ArraySegment<byte> Encode(Chunk chunk, Schema schema, ChunkCompression compression, Func<int, byte[]> rent)
    {
        var count = chunk.Columns.Length;
        var header = HeaderSize(count, chunk.Episodes.Length);
        var packed = new (byte[]? Buffer, int Length)[count];
        try
        {
            var total = header;
            for (var column = 0; column < count; column++)
            {
                var raw = chunk.Columns[column].Span;
                if (compression == ChunkCompression.Auto && schema.Tensors[column].IsImage)
                {
                    packed[column] = Pack(raw);
                }

                total = checked(total + (packed[column].Buffer is null ? raw.Length : packed[column].Length));
            }

            var encoded = rent(total);
            var offset = header;
            for (var column = 0; column < count; column++)
            {
                var raw = chunk.Columns[column].Span;
                var stored = packed[column].Buffer is { } buffer ? buffer.AsSpan(0, packed[column].Length) : raw;
                var entry = encoded.AsSpan(FixedHeader + (column * TableEntry), TableEntry);
                BinaryPrimitives.WriteInt32LittleEndian(entry, packed[column].Buffer is null ? Raw : Lz4Block);
                BinaryPrimitives.WriteInt32LittleEndian(entry[4..], raw.Length);
                BinaryPrimitives.WriteInt32LittleEndian(entry[8..], stored.Length);
                BinaryPrimitives.WriteInt32LittleEndian(entry[12..], offset);
                BinaryPrimitives.WriteUInt32LittleEndian(entry[16..], Crc32C.Compute(raw));
                stored.CopyTo(encoded.AsSpan(offset));
                offset += stored.Length;
            }

            WriteHeader(chunk, encoded.AsSpan(0, header));
            return new ArraySegment<byte>(encoded, 0, total);
        }
        finally
        {
            foreach (var (buffer, _) in packed)
            {
                if (buffer is not null)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }
            }
        }
    }

    /// <summary>Decodes everything and verifies every checksum.</summary>
    /// <exception cref="InvalidChunkException">Damaged, cut short, or of another schema.</exception>
    public static Chunk Decode(ReadOnlyMemory<byte> encoded, Schema schema)
    {
        var span = encoded.Span;
        var steps = CheckHeader(span, schema);
        var columns = new ReadOnlyMemory<byte>[schema.Tensors.Length];
        for (var column = 0; column < columns.Length; column++)
        {
            var entry = Entry(span, column);
            if (entry.IsRaw)
            {
                columns[column] = encoded.Slice(entry.Offset, entry.RawSize);
            }
            else
            {
                var buffer = GC.AllocateUninitializedArray<byte>(entry.RawSize);
                Unpack(span.Slice(entry.Offset, entry.StoredSize), buffer, schema.Tensors[column]);
                columns[column] = buffer;
            }

            if (Crc32C.Compute(columns[column].Span) != entry.Crc)
            {
                throw new InvalidChunkException($"checksum of '{schema.Tensors[column].Key}' does not match: the chunk was damaged on its way");
            }
        }

        var episodes = ImmutableArray.CreateBuilder<Episode>();
        var at = span[(FixedHeader + (columns.Length * TableEntry))..];
        for (var left = BinaryPrimitives.ReadInt32LittleEndian(span[68..]); left > 0; left--, at = at[EpisodeEntry..])
        {
            episodes.Add(new Episode(
                BinaryPrimitives.ReadInt32LittleEndian(at),
                BinaryPrimitives.ReadDoubleLittleEndian(at[8..]),
                BinaryPrimitives.ReadInt32LittleEndian(at[4..])));
        }

        return new Chunk
        {
            Stream = StreamId.Read(span[16..]),
            Sequence = BinaryPrimitives.ReadInt64LittleEndian(span[32..]),
            Steps = steps,
            SchemaHash = schema.Hash,
            Columns = columns,
            MinPolicyVersion = BinaryPrimitives.ReadInt64LittleEndian(span[48..]),
            MaxPolicyVersion = BinaryPrimitives.ReadInt64LittleEndian(span[56..]),
            Episodes = episodes.ToImmutable(),
            EndsStream = (BinaryPrimitives.ReadUInt16LittleEndian(span[6..]) & EndsStreamFlag) != 0,
        };
    }

    /// <summary>Verifies header, checksum of the header, schema and every size in it; returns the number of steps.</summary>
    /// <exception cref="InvalidChunkException">Damaged, cut short, or of another schema.</exception>
    public static int CheckHeader(ReadOnlySpan<byte> encoded, Schema schema)
    {
        if (!IsChunk(encoded))
        {
            throw new InvalidChunkException("these bytes are not a stored chunk");
        }

        if (BinaryPrimitives.ReadUInt16LittleEndian(encoded[4..]) is var version && version != Version)
        {
            throw new InvalidChunkException($"the chunk has format {version}, this build reads {Version}: replay and learner must be of one version");
        }

        if (!HasIntactHeader(encoded))
        {
            throw new InvalidChunkException("checksum of the chunk's header does not match: the chunk was damaged");
        }

        var (header, columns, steps) = (HeaderBytes(encoded), Columns(encoded), Steps(encoded));
        if (BinaryPrimitives.ReadUInt64LittleEndian(encoded[40..]) != schema.Hash || columns != schema.Tensors.Length)
        {
            throw new InvalidChunkException("the chunk was written with another schema");
        }

        for (var column = 0; column < columns; column++)
        {
            var entry = Entry(encoded, column);
            if (entry.RawSize != (long)steps * schema.Tensors[column].Bytes || entry.Offset < header || entry.StoredSize < 0
                || (long)entry.Offset + entry.StoredSize > encoded.Length
                || (entry.IsRaw ? entry.StoredSize != entry.RawSize : entry.Encoding != Lz4Block))
            {
                throw new InvalidChunkException($"the chunk is cut short at '{schema.Tensors[column].Key}'");
            }
        }

        return steps;
    }

    /// <summary>Steps in a chunk; the header must have been checked.</summary>
    public static int Steps(ReadOnlySpan<byte> encoded) => BinaryPrimitives.ReadInt32LittleEndian(encoded[12..]);

    /// <summary>Copies steps of one column; the header must have been checked.</summary>
    /// <param name="encoded">The stored chunk.</param>
    /// <param name="schema">Its schema.</param>
    /// <param name="column">Index in the schema.</param>
    /// <param name="firstStep">First step wanted.</param>
    /// <param name="destination">[steps, *shape]; its length says how many steps.</param>
    /// <param name="scratch">Grown when a compressed column needs it, and reused.</param>
    public static void ReadColumn(ReadOnlySpan<byte> encoded, Schema schema, int column, int firstStep, Span<byte> destination, ref byte[] scratch)
    {
        var entry = Entry(encoded, column);
        var skipped = firstStep * schema.Tensors[column].Bytes;
        var stored = encoded.Slice(entry.Offset, entry.StoredSize);
        if (entry.IsRaw)
        {
            stored.Slice(skipped, destination.Length).CopyTo(destination);
        }
        else if (skipped == 0)
        {
            Unpack(stored, destination, schema.Tensors[column]);
        }
        else
        {
            // A block decodes from its start only: decode up to the end of the window, keep the window.
            var needed = skipped + destination.Length;
            if (scratch.Length < needed)
            {
                scratch = GC.AllocateUninitializedArray<byte>(needed);
            }

            Unpack(stored, scratch.AsSpan(0, needed), schema.Tensors[column]);
            scratch.AsSpan(skipped, destination.Length).CopyTo(destination);
        }
    }

    /// <summary>Verifies one column's checksum; the header must have been checked.</summary>
    public static bool ColumnIsIntact(ReadOnlySpan<byte> encoded, Schema schema, int column, ref byte[] scratch)
    {
        var entry = Entry(encoded, column);
        if (entry.IsRaw)
        {
            return Crc32C.Compute(encoded.Slice(entry.Offset, entry.RawSize)) == entry.Crc;
        }

        if (scratch.Length < entry.RawSize)
        {
            scratch = GC.AllocateUninitializedArray<byte>(entry.RawSize);
        }

        return Lz4.Decompress(encoded.Slice(entry.Offset, entry.StoredSize), scratch.AsSpan(0, entry.RawSize))
            && Crc32C.Compute(scratch.AsSpan(0, entry.RawSize)) == entry.Crc;
    }

    /// <summary>Whether the header is all there and its checksum holds.</summary>
    internal static bool HasIntactHeader(ReadOnlySpan<byte> encoded)
    {
        if (!IsChunk(encoded))
        {
            return false;
        }

        var (header, columns, steps) = (HeaderBytes(encoded), Columns(encoded), Steps(encoded));
        var episodes = BinaryPrimitives.ReadInt32LittleEndian(encoded[68..]);
        return columns is >= 0 and <= 4096 && episodes >= 0 && episodes <= steps && steps >= 1
            && header == HeaderSize(columns, episodes) && header <= encoded.Length
            && BinaryPrimitives.ReadUInt32LittleEndian(encoded[(header - 4)..]) == Crc32C.Compute(encoded[..(header - 4)]);
    }

    internal static int HeaderBytes(ReadOnlySpan<byte> encoded) => BinaryPrimitives.ReadInt32LittleEndian(encoded[8..]);

    internal static int Columns(ReadOnlySpan<byte> encoded) => BinaryPrimitives.ReadInt32LittleEndian(encoded[64..]);

    internal static ColumnEntry Entry(ReadOnlySpan<byte> encoded, int column) =>
        MemoryMarshal.Read<ColumnEntry>(encoded[(FixedHeader + (column * TableEntry))..]);

    private static bool IsChunk(ReadOnlySpan<byte> encoded) =>
        encoded.Length >= FixedHeader && BinaryPrimitives.ReadUInt32LittleEndian(encoded) == Magic;

    private static int HeaderSize(int columns, int episodes) =>
        checked(FixedHeader + (columns * TableEntry) + (episodes * EpisodeEntry) + sizeof(uint));

    private static void WriteHeader(Chunk chunk, Span<byte> header)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], Version);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], chunk.EndsStream ? EndsStreamFlag : (ushort)0);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], header.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], chunk.Steps);
        chunk.Stream.Write(header[16..]);
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], chunk.Sequence);
        BinaryPrimitives.WriteUInt64LittleEndian(header[40..], chunk.SchemaHash);
        BinaryPrimitives.WriteInt64LittleEndian(header[48..], chunk.MinPolicyVersion);
        BinaryPrimitives.WriteInt64LittleEndian(header[56..], chunk.MaxPolicyVersion);
        BinaryPrimitives.WriteInt32LittleEndian(header[64..], chunk.Columns.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header[68..], chunk.Episodes.Length);
        var at = header[(FixedHeader + (chunk.Columns.Length * TableEntry))..];
        foreach (var episode in chunk.Episodes)
        {
            BinaryPrimitives.WriteInt32LittleEndian(at, episode.EndStep);
            BinaryPrimitives.WriteInt32LittleEndian(at[4..], episode.Length);
            BinaryPrimitives.WriteDoubleLittleEndian(at[8..], episode.Return);
            at = at[EpisodeEntry..];
        }

        BinaryPrimitives.WriteUInt32LittleEndian(at, Crc32C.Compute(header[..^sizeof(uint)]));
    }

    private static (byte[]? Buffer, int Length) Pack(ReadOnlySpan<byte> raw)
    {
        // The room offered is what compression must save: a block that does not fit is not worth having.
        var room = (int)(raw.Length * 0.9);
        if (!Lz4.Available || room == 0)
        {
            return default;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(room);
        var length = Lz4.Compress(raw, buffer.AsSpan(0, room));
        if (length > 0)
        {
            return (buffer, length);
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return default;
    }

    private static void Unpack(ReadOnlySpan<byte> stored, Span<byte> destination, TensorSpec tensor)
    {
        if (!Lz4.Decompress(stored, destination))
        {
            throw new InvalidChunkException($"the compressed column '{tensor.Key}' is damaged");
        }
    }

    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    internal readonly record struct ColumnEntry(int Encoding, int RawSize, int StoredSize, int Offset, uint Crc)
    {
        public bool IsRaw => Encoding == Raw;
    }
}
