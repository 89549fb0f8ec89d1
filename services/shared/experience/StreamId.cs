using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Dreamer.Experience;

/// <summary>One life of one environment slot: 128 random bits. Chunks of a stream count from 0.</summary>
public readonly record struct StreamId(UInt128 Value)
{
    /// <summary>Bytes of the binary form.</summary>
    public const int Size = 16;

    public static StreamId NewRandom()
    {
        Span<byte> bytes = stackalloc byte[Size];
        RandomNumberGenerator.Fill(bytes);
        return Read(bytes);
    }

    /// <summary>Reads 16 big-endian bytes.</summary>
    public static StreamId Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt128BigEndian(bytes));

    /// <summary>Reads 32 hexadecimal digits.</summary>
    public static StreamId Parse(string text) => new(UInt128.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture));

    /// <summary>Writes 16 big-endian bytes.</summary>
    public void Write(Span<byte> bytes) => BinaryPrimitives.WriteUInt128BigEndian(bytes, Value);

    /// <summary>16 big-endian bytes in a new array.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Size];
        Write(bytes);
        return bytes;
    }

    /// <summary>32 hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);
}
