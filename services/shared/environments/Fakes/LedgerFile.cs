using System.Buffers.Binary;

namespace Dreamer.Environments.Fakes;

/// <summary>
/// Writes down what one life of a fake environment hands out, each record before anybody else sees it; it is whole when the
/// process is killed at any moment. All actors of a run share one directory, and each life takes the next free number in it.
/// </summary>
internal sealed class LedgerFile : IDisposable
{
    /// <summary>The process id stands in front of the entries.</summary>
    public const int HeaderBytes = sizeof(long);

    // A FakeLedger has 16 bits for the number of its life.
    private const int MaxLives = 1 << 16;

    private readonly FileStream _file;

    private LedgerFile(FileStream file, int life) => (_file, Life) = (file, life);

    /// <summary>Number of this life in its directory.</summary>
    public int Life { get; }

    /// <summary>Takes the next number.</summary>
    /// <exception cref="InvalidOperationException">All 65536 are taken.</exception>
    public static LedgerFile Begin(string directory)
    {
        Directory.CreateDirectory(directory);
        for (var life = Directory.GetFiles(directory).Length; life < MaxLives; life++)
        {
            if (TryCreate(LedgerBook.PathOf(directory, life)) is { } file)
            {
                Span<byte> header = stackalloc byte[HeaderBytes];
                BinaryPrimitives.WriteInt64LittleEndian(header, Environment.ProcessId);
                file.Write(header);
                return new LedgerFile(file, life);
            }
        }

        throw new InvalidOperationException($"env.fake.ledger: {directory} holds {MaxLives} lives already; name an empty directory.");
    }

    /// <summary>Adds a record.</summary>
    public void Add(LedgerEntry entry)
    {
        Span<byte> bytes = stackalloc byte[LedgerEntry.Size];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, entry.Value);
        _file.Write(bytes);
    }

    public void Dispose() => _file.Dispose();

    private static FileStream? TryCreate(string path)
    {
        try
        {
            return new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another actor was faster.
            return null;
        }
    }
}
