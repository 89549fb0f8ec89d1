using System.Buffers.Binary;
using Dreamer.Spaces;

namespace Dreamer.Environments.Fakes;

/// <summary>What a ledger keeps of one record: a hash of its observations and reward, and its three flags in the low bits.</summary>
public readonly record struct LedgerEntry(ulong Value)
{
    /// <summary>Bytes of the binary form.</summary>
    public const int Size = sizeof(ulong);

    private const ulong Basis = 14695981039346656037;
    private const ulong FirstBit = 1;
    private const ulong LastBit = 2;
    private const ulong TerminalBit = 4;
    private const ulong Flags = FirstBit | LastBit | TerminalBit;

    /// <summary>The entry of a record.</summary>
    /// <param name="observations">Every observation in the order of the specification, little endian.</param>
    /// <param name="reward">As the environment gave it.</param>
    /// <param name="isFirst">Begins an episode.</param>
    /// <param name="isLast">Ends an episode.</param>
    /// <param name="isTerminal">Ends it for good.</param>
    public static LedgerEntry Of(IEnumerable<ReadOnlyMemory<byte>> observations, float reward, bool isFirst, bool isLast, bool isTerminal)
    {
        var hash = Basis;
        foreach (var observation in observations)
        {
            hash = Hash(hash, observation.Span);
        }

        Span<byte> bytes = stackalloc byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, reward);
        return new LedgerEntry(
            (Hash(hash, bytes) & ~Flags) | (isFirst ? FirstBit : 0) | (isLast ? LastBit : 0) | (isTerminal ? TerminalBit : 0));
    }

    /// <summary>The entry of what an environment shows.</summary>
    public static LedgerEntry Of(TimeStep step) =>
        Of(step.Observations.Select(bytes => (ReadOnlyMemory<byte>)bytes), step.Reward, step.IsFirst, step.IsLast, step.IsTerminal);

    /// <summary>
    /// Whether a record that arrived is this one. Where a stream or a window begins it may say is_first on top, and where an abandoned
    /// stream ends is_last.
    /// </summary>
    public bool Matches(LedgerEntry arrived, bool begins, bool ends)
    {
        var allowed = (begins ? FirstBit : 0) | (ends ? LastBit : 0);
        return (Value | allowed) == (arrived.Value | allowed) && (Value & ~arrived.Value) == 0;
    }

    /// <summary>64-bit FNV-1a.</summary>
    private static ulong Hash(ulong hash, ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
        {
            hash = (hash ^ value) * 1099511628211;
        }

        return hash;
    }
}
