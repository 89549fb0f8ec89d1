using System.Buffers.Binary;

namespace Dreamer.System.Tests.Fuzz;

/// <summary>Damages bytes in the ways that find most: the same seed damages alike.</summary>
internal sealed class Mutator(int seed)
{
    private static readonly long[] Extremes =
        [0, 1, -1, 127, 128, 255, 256, short.MaxValue, ushort.MaxValue, int.MaxValue, int.MinValue, uint.MaxValue, 1L << 31, long.MaxValue, long.MinValue, 1L << 53];

    /// <summary>For choices of the test itself.</summary>
    public Random Random { get; } = new(seed);

    /// <summary>A damaged copy; <paramref name="other"/> is what it may be crossed with.</summary>
    public byte[] Mutate(ReadOnlySpan<byte> original, ReadOnlySpan<byte> other)
    {
        var bytes = new List<byte>(original.ToArray());
        for (var left = 1 + Random.Next(4); left > 0; left--)
        {
            Once(bytes, other);
        }

        return [.. bytes];
    }

    private void Once(List<byte> bytes, ReadOnlySpan<byte> other)
    {
        var at = Random.Next(bytes.Count + 1);
        var length = Math.Min(Random.Next(1 + Math.Min(64, bytes.Count)), bytes.Count - at);
        switch (Random.Next(10))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << Random.Next(8));
                break;
            case 1 when at < bytes.Count:
                bytes[at] = (byte)Random.Next(256);
                break;
            case 2:
                bytes.RemoveRange(at, length);
                break;
            case 3:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case 4:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 5:
                var noise = new byte[Random.Next(1, 33)];
                Random.NextBytes(noise);
                bytes.InsertRange(at, noise);
                break;
            case 6:
                Overwrite(bytes, at);
                break;
            case 7:
                bytes.InsertRange(at, Varint((ulong)Extremes[Random.Next(Extremes.Length)]));
                break;
            case 8 when other.Length > 0:
                var from = Random.Next(other.Length);
                bytes.InsertRange(at, other.Slice(from, Math.Min(Random.Next(1, 65), other.Length - from)).ToArray());
                break;
            default:
                // A digit of text, where there is one.
                var digit = bytes.FindIndex(at, value => value is >= (byte)'0' and <= (byte)'9');
                if (digit >= 0)
                {
                    bytes.InsertRange(digit, Enumerable.Repeat((byte)('0' + Random.Next(10)), Random.Next(1, 12)));
                }

                break;
        }
    }

    private void Overwrite(List<byte> bytes, int at)
    {
        var value = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(value, Extremes[Random.Next(Extremes.Length)]);
        var size = Math.Min(bytes.Count - at, Random.Next(2) == 0 ? 4 : 8);
        for (var i = 0; i < size; i++)
        {
            bytes[at + i] = value[i];
        }
    }

    private static List<byte> Varint(ulong value)
    {
        var bytes = new List<byte>();
        do
        {
            bytes.Add((byte)((value & 0x7F) | (value > 0x7F ? 0x80u : 0)));
            value >>= 7;
        }
        while (value > 0);
        return bytes;
    }
}
