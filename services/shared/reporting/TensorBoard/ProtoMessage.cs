using System.Buffers.Binary;
using System.Numerics;

namespace Dreamer.Reporting.TensorBoard;

/// <summary>A protobuf message under construction; fields are written in the order of the calls.</summary>
internal sealed class ProtoMessage
{
    private const int Fixed64 = 1;
    private const int LengthDelimited = 2;
    private const int Fixed32 = 5;
    private readonly MemoryStream _bytes = new();

    /// <summary>What has been written.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.GetBuffer().AsSpan(0, (int)_bytes.Length);

    public ProtoMessage Integer(int field, long value)
    {
        Varint((ulong)(field << 3));
        Varint((ulong)value);
        return this;
    }

    public ProtoMessage Double(int field, double value)
    {
        Varint((ulong)((field << 3) | Fixed64));
        Span<byte> bytes = stackalloc byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        _bytes.Write(bytes);
        return this;
    }

    public ProtoMessage Float(int field, float value)
    {
        Varint((ulong)((field << 3) | Fixed32));
        Span<byte> bytes = stackalloc byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        _bytes.Write(bytes);
        return this;
    }

    /// <summary>A string in UTF-8, bytes, or a message.</summary>
    public ProtoMessage Block(int field, ReadOnlySpan<byte> content)
    {
        Varint((ulong)((field << 3) | LengthDelimited));
        Varint((ulong)content.Length);
        _bytes.Write(content);
        return this;
    }

    private void Varint(ulong value)
    {
        for (var groups = Math.Max(1, (70 - BitOperations.LeadingZeroCount(value)) / 7); groups > 1; groups--)
        {
            _bytes.WriteByte((byte)(value | 0x80));
            value >>= 7;
        }

        _bytes.WriteByte((byte)value);
    }
}
