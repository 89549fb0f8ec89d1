using System.Buffers.Binary;
using System.Globalization;

namespace Dreamer.Environments.Fakes;

/// <summary>Reads the ledgers in a directory, also while environments write them.</summary>
/// <param name="directory">The setting <c>env.fake.ledger</c> of the actors.</param>
public sealed class LedgerBook(string directory)
{
    /// <summary>Lives so far; they are numbered from 0.</summary>
    public int Lives => Directory.Exists(directory) ? Directory.GetFiles(directory).Length : 0;

    /// <summary>Records of all lives.</summary>
    public long Records => Directory.Exists(directory)
        ? new DirectoryInfo(directory).GetFiles().Sum(file => Count(file.Length))
        : 0;

    /// <summary>Records of all lives that belonged to a process.</summary>
    public long RecordsOf(int process) => Enumerable.Range(0, Lives).Sum(life =>
    {
        using var file = Open(life);
        var header = new byte[sizeof(long)];
        return file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length && BinaryPrimitives.ReadInt64LittleEndian(header) == process
            ? Count(file.Length)
            : 0;
    });

    /// <summary>The process that a life belonged to, and everything it handed out, in order.</summary>
    /// <exception cref="FileNotFoundException">There is no such life.</exception>
    public (int Process, LedgerEntry[] Entries) Read(int life)
    {
        using var file = Open(life);
        var bytes = new byte[LedgerFile.HeaderBytes + (Count(file.Length) * LedgerEntry.Size)];

        // A process that was killed as it began this life left no header, and handed nothing out.
        file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        var entries = new LedgerEntry[Count(bytes.Length)];
        for (var record = 0; record < entries.Length; record++)
        {
            entries[record] = Entry(bytes.AsSpan(LedgerFile.HeaderBytes + (record * LedgerEntry.Size)));
        }

        return ((int)BinaryPrimitives.ReadInt64LittleEndian(bytes), entries);
    }

    /// <summary>Reads entries of a life from one on; false where it has handed out fewer, or there is no such life.</summary>
    public bool TryRead(int life, long first, Span<LedgerEntry> into)
    {
        if (!File.Exists(PathOf(directory, life)))
        {
            return false;
        }

        using var file = Open(life);
        if (first < 0 || Count(file.Length) < first + into.Length)
        {
            return false;
        }

        var bytes = new byte[into.Length * LedgerEntry.Size];
        file.Position = LedgerFile.HeaderBytes + (first * LedgerEntry.Size);
        file.ReadExactly(bytes);
        for (var record = 0; record < into.Length; record++)
        {
            into[record] = Entry(bytes.AsSpan(record * LedgerEntry.Size));
        }

        return true;
    }

    internal static string PathOf(string directory, int life) =>
        Path.Combine(directory, life.ToString("'life-'00000", CultureInfo.InvariantCulture));

    private FileStream Open(int life) => new(PathOf(directory, life), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);

    private static LedgerEntry Entry(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt64LittleEndian(bytes));

    // Whole entries only: the last one may be half written.
    private static long Count(long bytes) => Math.Max(0, bytes - LedgerFile.HeaderBytes) / LedgerEntry.Size;
}
