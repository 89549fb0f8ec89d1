using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Dreamer.Spaces;

namespace Dreamer.Environments.Fakes;

/// <summary>
/// What one record of the fake environment says about itself. Its observations are a pure function of these two numbers,
/// so that whoever holds a record far downstream can tell which it is and whether a byte of it was changed.
/// </summary>
/// <param name="Seed">The environment's seed, its low 16 bits.</param>
/// <param name="Record">Counts the records of one environment's life, resets included, from 0; low 24 bits.</param>
public readonly record struct FakeLedger(uint Seed, uint Record)
{
    /// <summary>Elements that carry the two numbers and so the least that a tensor has.</summary>
    private const int FloatHeader = 2;
    private const int ByteHeader = 8;

    /// <summary>The reward of this record when it is not the first of an episode: a number in [0, 1).</summary>
    public float Reward => (Record % 16) / 16f;

    /// <summary>Fills a uint8 or float32 tensor.</summary>
    public void Write(Span<byte> tensor, DType dtype)
    {
        var noise = ((ulong)Seed << 32) ^ Record;
        if (dtype == DType.Float32)
        {
            var values = MemoryMarshal.Cast<byte, float>(tensor);
            (values[0], values[1]) = (Seed, Record);
            foreach (ref var value in values[FloatHeader..])
            {
                value = (Next(ref noise) >> 40) / 16777216f;
            }

            return;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(tensor, Seed);
        BinaryPrimitives.WriteUInt32LittleEndian(tensor[4..], Record);
        var bytes = tensor[ByteHeader..];
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, Next(ref noise));
        }

        foreach (ref var value in bytes)
        {
            value = (byte)Next(ref noise);
        }
    }

    /// <summary>Reads a tensor back; false when it is not, byte for byte, what <see cref="Write"/> made.</summary>
    public static bool TryRead(ReadOnlySpan<byte> tensor, DType dtype, out FakeLedger ledger)
    {
        ledger = default;
        if (tensor.Length < ByteHeader)
        {
            return false;
        }

        if (dtype == DType.Float32)
        {
            var values = MemoryMarshal.Cast<byte, float>(tensor);
            if (values[0] is not (>= 0 and < 1 << 16) || values[1] is not (>= 0 and < 1 << 24))
            {
                return false;
            }

            ledger = new FakeLedger((uint)values[0], (uint)values[1]);
        }
        else
        {
            ledger = new FakeLedger(BinaryPrimitives.ReadUInt32LittleEndian(tensor), BinaryPrimitives.ReadUInt32LittleEndian(tensor[4..]));
        }

        var expected = new byte[tensor.Length];
        ledger.Write(expected, dtype);
        return tensor.SequenceEqual(expected);
    }

    /// <summary>SplitMix64.</summary>
    private static ulong Next(ref ulong state)
    {
        var mixed = state += 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
