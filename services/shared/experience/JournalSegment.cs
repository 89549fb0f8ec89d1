using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Dreamer.Experience;

/// <summary>
/// One append-only file of frames: length, CRC-32C, then a body whose first byte is its kind. A frame that is cut short
/// or damaged ends the segment when it is read.
/// </summary>
internal sealed class JournalSegment(string path, SafeFileHandle? handle, long length)
{
    private const int FrameHeader = 8;
    private const byte ChunkKind = 1;
    private const byte EvictedKind = 2;
    private const byte HeaderKind = 3;

    public string Path { get; } = path;

    /// <summary>Open while frames may be added.</summary>
    public SafeFileHandle? Handle { get; } = handle;

    public long Length { get; private set; } = length;

    /// <summary>Ids of chunks in here that were not evicted.</summary>
    public HashSet<long> Live { get; } = [];

    public static JournalSegment Create(string path, JournalHeader header)
    {
        var segment = new JournalSegment(path, File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read), 0);
        var body = new byte[1 + 24 + (header.NextSequences.Count * (StreamId.Size + 8))];
        body[0] = HeaderKind;
        BinaryPrimitives.WriteInt64LittleEndian(body.AsSpan(1), header.LastId);
        BinaryPrimitives.WriteInt64LittleEndian(body.AsSpan(9), header.TotalSteps);
        BinaryPrimitives.WriteInt64LittleEndian(body.AsSpan(17), header.NextSequences.Count);
        var at = 25;
        foreach (var (stream, next) in header.NextSequences)
        {
            stream.Write(body.AsSpan(at));
            BinaryPrimitives.WriteInt64LittleEndian(body.AsSpan(at + StreamId.Size), next);
            at += StreamId.Size + 8;
        }

        segment.Append(body, []);
        return segment;
    }

    public void AppendChunk(ChunkRecord record, ReadOnlySpan<byte> encoded)
    {
        var head = new byte[1 + record.Size];
        head[0] = ChunkKind;
        record.Write(head.AsSpan(1));
        Append(head, encoded);
        Live.Add(record.Id);
    }

    public void AppendEvicted(IReadOnlyList<long> ids)
    {
        var body = new byte[1 + (ids.Count * 8)];
        body[0] = EvictedKind;
        for (var index = 0; index < ids.Count; index++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(body.AsSpan(1 + (index * 8)), ids[index]);
        }

        Append(body, []);
    }

    /// <summary>Reads a file into <paramref name="content"/>; what is left of a torn tail is cut off when <paramref name="cut"/>.</summary>
    public static JournalSegment Read(string path, JournalContent content, bool cut)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, 1 << 16);
        var segment = new JournalSegment(path, null, file.Length);
        var frame = new byte[FrameHeader];
        while (file.Position < file.Length)
        {
            var start = file.Position;
            var body = ReadFrame(file, frame);
            if (body is null)
            {
                content.Damage = $"{System.IO.Path.GetFileName(path)} is damaged from byte {start} on: {file.Length - start} bytes left out";
                if (cut)
                {
                    file.SetLength(start);
                    segment.Length = start;
                }

                break;
            }

            if (!segment.TryApply(body, content))
            {
                content.Damage = $"{System.IO.Path.GetFileName(path)} holds what this build cannot read at byte {start}: {file.Length - start} bytes left out";
                break;
            }
        }

        return segment;
    }

    private static byte[]? ReadFrame(FileStream file, byte[] frame)
    {
        if (file.Length - file.Position < FrameHeader)
        {
            return null;
        }

        file.ReadExactly(frame);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(frame);
        if (length == 0 || length > file.Length - file.Position || length > int.MaxValue)
        {
            return null;
        }

        var body = GC.AllocateUninitializedArray<byte>((int)length);
        file.ReadExactly(body);
        return Crc32C.Compute(body) == BinaryPrimitives.ReadUInt32LittleEndian(frame.AsSpan(4)) ? body : null;
    }

    /// <summary>False where the frame is whole and holds nothing that could have been written.</summary>
    private bool TryApply(byte[] body, JournalContent content)
    {
        try
        {
            return TryApplyWhole(body, content);
        }
        catch (StoreDamagedException)
        {
            return false;
        }
    }

    private bool TryApplyWhole(byte[] body, JournalContent content)
    {
        switch (body[0])
        {
            case ChunkKind:
                var record = ChunkRecord.Read(body.AsSpan(1));
                if (record.Id <= content.LastId || record.Bytes != body.Length - 1 - record.Size)
                {
                    return false;
                }

                content.Chunks[record.Id] = (record, body.AsMemory(1 + record.Size));
                content.NextSequences[record.Stream] = record.Sequence + 1;
                content.LastId = record.Id;
                content.TotalSteps += record.Steps;
                Live.Add(record.Id);
                return true;
            case EvictedKind when (body.Length - 1) % 8 == 0:
                for (var at = 1; at < body.Length; at += 8)
                {
                    if (content.Chunks.Remove(BinaryPrimitives.ReadInt64LittleEndian(body.AsSpan(at)), out var chunk) && chunk.Record.EndsStream)
                    {
                        content.NextSequences.Remove(chunk.Record.Stream);
                    }
                }

                return true;
            case HeaderKind when body.Length >= 25 && (body.Length - 25) % (StreamId.Size + 8) == 0:
                content.LastId = BinaryPrimitives.ReadInt64LittleEndian(body.AsSpan(1));
                content.TotalSteps = BinaryPrimitives.ReadInt64LittleEndian(body.AsSpan(9));
                content.NextSequences.Clear();
                for (var at = 25; at < body.Length; at += StreamId.Size + 8)
                {
                    content.NextSequences[StreamId.Read(body.AsSpan(at))] = BinaryPrimitives.ReadInt64LittleEndian(body.AsSpan(at + StreamId.Size));
                }

                return true;
            default:
                return false;
        }
    }

    /// <summary>Adds a frame; a failed write leaves the segment as it was.</summary>
    private void Append(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail)
    {
        Span<byte> frame = stackalloc byte[FrameHeader];
        BinaryPrimitives.WriteUInt32LittleEndian(frame, (uint)(head.Length + tail.Length));
        BinaryPrimitives.WriteUInt32LittleEndian(frame[4..], Crc32C.Compute(head, tail));
        try
        {
            RandomAccess.Write(Handle!, frame, Length);
            RandomAccess.Write(Handle!, head, Length + FrameHeader);
            RandomAccess.Write(Handle!, tail, Length + FrameHeader + head.Length);
        }
        catch (IOException)
        {
            RandomAccess.SetLength(Handle!, Length);
            throw;
        }

        Length += FrameHeader + head.Length + tail.Length;
    }
}
