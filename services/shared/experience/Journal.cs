using Microsoft.Win32.SafeHandles;

namespace Dreamer.Experience;

/// <summary>
/// Append-only segment files that let the memory store survive its process. Writes reach the system at once, the disk
/// in batches; segments whose chunks are all evicted are deleted, oldest first.
/// </summary>
internal sealed class Journal : IDisposable
{
    private static readonly TimeSpan FlushPeriod = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Lock _flushGate = new();
    private readonly string _directory;
    private readonly long _segmentBytes;
    private readonly FileStream _lock;
    private readonly ITimer _timer;
    private readonly List<JournalSegment> _segments;
    private readonly List<SafeFileHandle> _retired = [];
    private long _writtenId;
    private long _durableId;
    private Exception? _flushFailure;
    private int _disposed;

    private Journal(string directory, TimeProvider time, long segmentBytes, FileStream exclusive, List<JournalSegment> segments, long lastId)
    {
        (_directory, _segmentBytes, _lock, _segments) = (directory, segmentBytes, exclusive, segments);
        _writtenId = _durableId = lastId;
        _timer = time.CreateTimer(_ => FlushQuietly(), null, FlushPeriod, FlushPeriod);
    }

    /// <summary>Highest id that reached the disk.</summary>
    public long DurableId => Volatile.Read(ref _durableId);

    private string MetaPath => Path.Combine(_directory, "meta");

    public static (Journal Journal, JournalContent Content) Open(string directory, TimeProvider time, long segmentBytes)
    {
        FileStream exclusive;
        try
        {
            Directory.CreateDirectory(directory);
            exclusive = new FileStream(Path.Combine(directory, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException(
                $"the replay's journal '{directory}' cannot be opened ({error.Message}): end the process that uses it or choose another logdir", error);
        }

        var content = new JournalContent();
        var paths = Directory.GetFiles(directory, "*.segment").Order(StringComparer.Ordinal).ToArray();
        var segments = new List<JournalSegment>();
        for (var index = 0; index < paths.Length; index++)
        {
            segments.Add(JournalSegment.Read(paths[index], content, cut: index == paths.Length - 1));
        }

        foreach (var segment in segments)
        {
            segment.Live.IntersectWith(content.Chunks.Keys);
        }

        var journal = new Journal(directory, time, segmentBytes, exclusive, segments, content.LastId);
        if (File.Exists(journal.MetaPath))
        {
            content.Meta = File.ReadAllBytes(journal.MetaPath);
        }

        return (journal, content);
    }

    public void WriteChunk(ChunkRecord record, ReadOnlySpan<byte> encoded, Func<JournalHeader> header)
    {
        lock (_gate)
        {
            try
            {
                Current(header).AppendChunk(record, encoded);
            }
            catch (IOException error)
            {
                throw Full(error);
            }

            _writtenId = record.Id;
        }
    }

    public void WriteEvicted(IReadOnlyList<long> ids)
    {
        lock (_gate)
        {
            foreach (var segment in _segments)
            {
                segment.Live.ExceptWith(ids);
            }

            // Only a prefix goes: a later segment's list of evicted chunks must outlive the chunks that it names.
            while (_segments.Count > 1 && _segments[0].Live.Count == 0 && _segments[0].Handle is not { IsClosed: false })
            {
                File.Delete(_segments[0].Path);
                _segments.RemoveAt(0);
            }

            if (_segments is [.., { Handle: not null } current])
            {
                try
                {
                    current.AppendEvicted(ids);
                }
                catch (IOException)
                {
                    // A full disk: the chunks come back after a restart and are evicted again.
                }
            }
        }
    }

    public void WriteMeta(ReadOnlySpan<byte> meta)
    {
        lock (_gate)
        {
            var temporary = MetaPath + ".new";
            try
            {
                using (var handle = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write))
                {
                    RandomAccess.Write(handle, meta, 0);
                    RandomAccess.FlushToDisk(handle);
                }

                File.Move(temporary, MetaPath, overwrite: true);
            }
            catch (IOException error)
            {
                throw Full(error);
            }
        }
    }

    /// <summary>Completes when what was written before is on the disk.</summary>
    public void Flush()
    {
        lock (_flushGate)
        {
            long id;
            SafeFileHandle[] handles;
            lock (_gate)
            {
                id = _writtenId;
                if (id == _durableId && _retired.Count == 0)
                {
                    return;
                }

                handles = _segments is [.., { Handle: { } open }] ? [.. _retired, open] : [.. _retired];
            }

            foreach (var handle in handles)
            {
                RandomAccess.FlushToDisk(handle);
            }

            lock (_gate)
            {
                foreach (var handle in handles.Where(_retired.Remove))
                {
                    handle.Dispose();
                }
            }

            Volatile.Write(ref _durableId, id);
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _timer.Dispose();
        FlushQuietly();
        foreach (var segment in _segments)
        {
            segment.Handle?.Dispose();
        }

        _lock.Dispose();
    }

    /// <summary>The segment to write to; a full one is followed by the next. Old ones are never appended to after a restart.</summary>
    private JournalSegment Current(Func<JournalHeader> header)
    {
        if (Interlocked.Exchange(ref _flushFailure, null) is { } failure)
        {
            throw Full(failure);
        }

        if (_segments is not [.., { Handle: not null } current] || current.Length >= _segmentBytes)
        {
            var state = header();
            var next = JournalSegment.Create(Path.Combine(_directory, $"{state.LastId + 1:D19}.segment"), state);
            if (_segments is [.., { Handle: { } handle }])
            {
                _retired.Add(handle);
            }

            // A restart without a commit in between leaves a segment of the same name that holds no chunk: it is replaced.
            _segments.RemoveAll(segment => segment.Path == next.Path);
            _segments.Add(next);
        }

        return _segments[^1];
    }

    private void FlushQuietly()
    {
        try
        {
            Flush();
        }
        catch (IOException error)
        {
            _flushFailure = error;
        }
    }

    private StoreFullException Full(Exception error) => new(
        $"the replay's journal '{_directory}' cannot be written ({error.Message}): free disk space or lower replay.capacity_bytes", error);
}
