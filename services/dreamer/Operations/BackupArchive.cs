using System.Formats.Tar;
using System.Security.Cryptography;

namespace Dreamer.Operations;

/// <summary>A plain tar file of a run's files with a manifest at its end. It gets its name when it is whole.</summary>
internal sealed class BackupArchive : IDisposable
{
    private readonly string _path;
    private readonly string _writing;
    private readonly FileStream _file;
    private readonly TarWriter _tar;
    private readonly List<BackupManifest.Entry> _entries = [];

    public BackupArchive(string path)
    {
        (_path, _writing) = (path, path + ".writing");
        _file = new FileStream(_writing, FileMode.Create, FileAccess.ReadWrite);
        _tar = new TarWriter(_file, TarEntryFormat.Pax, leaveOpen: true);
    }

    /// <summary>Size of what is in it.</summary>
    public long Bytes => _entries.Sum(entry => entry.Bytes);

    /// <summary>Files in it.</summary>
    public int Count => _entries.Count;

    /// <summary>Adds a file as long as it is now; one that has gone meanwhile is left out.</summary>
    public void Add(string name, string path)
    {
        FileStream source;
        try
        {
            source = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return;
        }

        using (source)
        {
            Add(name, source);
        }
    }

    /// <summary>Adds an open file as long as it is now.</summary>
    public void Add(string name, FileStream source)
    {
        using var read = new HashedPrefix(source, source.Length);
        _tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = read });
        _entries.Add(new BackupManifest.Entry(name, read.Length, read.Digest()));
    }

    /// <summary>Writes the manifest and gives the archive its name.</summary>
    public BackupManifest Finish(long updates, bool running, bool overwrite)
    {
        var manifest = BackupManifest.Create(updates, running, _entries);
        _tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, BackupManifest.Name) { DataStream = new MemoryStream(manifest.Write()) });
        _tar.Dispose();
        _file.Flush(flushToDisk: true);
        _file.Dispose();
        File.Move(_writing, _path, overwrite);
        return manifest;
    }

    public void Dispose()
    {
        _tar.Dispose();
        _file.Dispose();
        File.Delete(_writing);
    }

    /// <summary>The first bytes of a file that may grow, hashed as they are read.</summary>
    private sealed class HashedPrefix(Stream inner, long length) : Stream
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private long _at;

        public override bool CanRead => true;

        // The archive asks for length and position of what can be sought.
        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position
        {
            get => _at;
            set => throw new NotSupportedException();
        }

        public string Digest() => Convert.ToHexStringLower(_hash.GetHashAndReset());

        public override int Read(Span<byte> buffer)
        {
            var read = inner.Read(buffer[..(int)Math.Min(buffer.Length, length - _at)]);
            if (read == 0 && buffer.Length > 0 && _at < length)
            {
                throw new IOException("a file became shorter while it was read; run the backup again");
            }

            _hash.AppendData(buffer[..read]);
            _at += read;
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            _hash.Dispose();
            base.Dispose(disposing);
        }
    }
}
