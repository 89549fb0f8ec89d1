using System.Buffers;
using System.Collections.Immutable;
using System.Net.Sockets;
using System.Security.Authentication;
using Dreamer.Experience;

namespace Dreamer.Redis;

/// <summary>
/// Reads payload on connections of its own, one per shard, so that big values never hold up commits, into memory that is used
/// again. Of a plan it reads the chunks' headers and then the bytes of the windows, which are half of the chunks. All shards
/// are asked before the first is listened to. A learner uses it alone.
/// </summary>
public sealed class RedisChunkReader : IChunkReader, IAsyncDisposable
{
    private const int Head = ChunkRanges.HeadBytes;

    private readonly ImmutableArray<RedisStoreOptions> _shards;
    private readonly ImmutableArray<BulkConnection> _connections;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Dictionary<long, int> _position = [];
    private readonly List<(int Start, int End)> _ranges = [];
    private readonly List<(int Chunk, int Start, int End)> _requested = [];
    private Part[] _parts = [];
    private byte[] _heads = [];

    internal RedisChunkReader(ImmutableArray<RedisStoreOptions> shards) =>
        (_shards, _connections) = (shards, [.. shards.Select(shard => new BulkConnection(shard))]);

    /// <summary>Connects.</summary>
    /// <exception cref="RedisUnavailableException">No Redis there, it refuses the password, or it holds other shards.</exception>
    public static async Task<RedisChunkReader> OpenAsync(RedisStoreOptions options, CancellationToken cancellation)
    {
        try
        {
            var shards = await FindAsync(options, cancellation);
            var reader = new RedisChunkReader(shards);
            using var none = await reader.ReadAsync(Enumerable.Range(0, shards.Length).Select(id => (long)id).ToArray(), cancellation);
            return reader;
        }
        catch (Exception error) when (error is SocketException or IOException or AuthenticationException)
        {
            throw RedisConnection.Translate(options, error);
        }
    }

    // A learner's user may do little more than read payload, and the older clients know no users: so it asks on plain connections.
    private static async Task<ImmutableArray<RedisStoreOptions>> FindAsync(RedisStoreOptions options, CancellationToken cancellation)
    {
        var cluster = await IsClusterAsync(options, cancellation);
        var shards = RedisShards.Split(options, cluster);
        foreach (var shard in cluster ? [] : shards)
        {
            using var connection = new BulkConnection(shard);
            ValueTask<string?> NotedAsync(string field) => connection.AskAsync(cancellation, "HGET", shard.Key("meta"), field);
            var noted = await NotedAsync("shards");
            if (noted is null && await NotedAsync("epoch") is not null)
            {
                // Begun at this moment, or a store of one server from before they noted their number.
                noted = await NotedAsync("shards") ?? "1";
            }

            if (long.TryParse(noted, out var begunWith))
            {
                if (begunWith != shards.Length)
                {
                    throw RedisShards.Misnamed(options, shards.Length, begunWith);
                }
            }
            else if (await connection.AskNumberAsync(cancellation, ["EXISTS", .. RedisShards.OtherMeta(shard)]) > 0)
            {
                throw RedisShards.Misplaced(options, shard);
            }
        }

        return shards;
    }

    private static async Task<bool> IsClusterAsync(RedisStoreOptions options, CancellationToken cancellation)
    {
        using var any = new BulkConnection(options);
        try
        {
            await any.AskNumberAsync(cancellation, "CLUSTER", "KEYSLOT", "");
            return true;
        }
        catch (IOException error) when (error.Message.Contains("cluster support disabled", StringComparison.Ordinal))
        {
            return false;
        }
    }

    public ValueTask<ChunkPayloads> ReadAsync(ReadOnlyMemory<long> ids, CancellationToken cancellation) => AloneAsync(ids, plan: null, cancellation);

    public ValueTask<ChunkPayloads> ReadAsync(BatchPlan plan, CancellationToken cancellation) => AloneAsync(plan.Chunks.AsMemory(), plan, cancellation);

    public ValueTask DisposeAsync()
    {
        Close();
        return ValueTask.CompletedTask;
    }

    private BulkConnection ShardOf(long id) => _connections[RedisShards.Of(id, _connections.Length)];

    // Side by side: who sends first connects, and sixteen handshakes after one another take long.
    private Task SendAsync(CancellationToken cancellation) =>
        Task.WhenAll(_connections.Select(connection => connection.SendAsync(cancellation).AsTask()));

    private void Close()
    {
        foreach (var connection in _connections)
        {
            connection.Dispose();
        }
    }

    private async ValueTask<ChunkPayloads> AloneAsync(ReadOnlyMemory<long> ids, BatchPlan? plan, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(_shards[0].Timeout);
        try
        {
            for (var moved = 0; ; moved++)
            {
                try
                {
                    // Where a header is missing or damaged the chunks are read whole: whoever decodes them says what is wrong.
                    return plan is not null && await ReadHeadsAsync(ids, patience.Token) && Choose(plan)
                        ? await ReadPartsAsync(ids, patience.Token)
                        : await ReadWholeAsync(ids, patience.Token);
                }
                catch (ShardMovedException) when (moved <= _connections.Length)
                {
                    Close();
                }
            }
        }
        catch (Exception error)
        {
            // Answers may still be on their way: the next read begins with other connections.
            foreach (var connection in _connections)
            {
                connection.StartOver();
            }

            if (error is OperationCanceledException && !cancellation.IsCancellationRequested)
            {
                error = new TimeoutException($"no answer within {_shards[0].Timeout.TotalSeconds:0} s", error);
            }

            if (error is SocketException or IOException or TimeoutException or AuthenticationException)
            {
                throw RedisConnection.Translate(_shards[0] with { Endpoint = string.Join(',', _shards.SelectMany(shard => shard.Addresses).Distinct()) }, error);
            }

            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async ValueTask<ChunkPayloads> ReadWholeAsync(ReadOnlyMemory<long> ids, CancellationToken cancellation)
    {
        var result = new Leased(ids.Length);
        foreach (var id in ids.Span)
        {
            var shard = ShardOf(id);
            shard.Length(id, rest: true);
            shard.GetRange(id, rest: false, 0, -1);
            shard.GetRange(id, rest: true, 0, -1);
        }

        await SendAsync(cancellation);
        for (var chunk = 0; chunk < ids.Length; chunk++)
        {
            var shard = ShardOf(ids.Span[chunk]);
            var rest = await shard.NextAsync(cancellation);
            var first = await shard.NextAsync(cancellation);
            var memory = first == 0 ? default : result.Rent(chunk, first + rest);
            await shard.ReadAsync(memory[..first], cancellation);
            if (await shard.NextAsync(cancellation) != rest || (first == 0 && rest > 0))
            {
                throw new IOException($"chunk {ids.Span[chunk]} changed while it was read");
            }

            await shard.ReadAsync(memory[first..], cancellation);
        }

        return result.ToPayloads();
    }

    /// <summary>False where a header is not there.</summary>
    private async ValueTask<bool> ReadHeadsAsync(ReadOnlyMemory<long> ids, CancellationToken cancellation)
    {
        if (_parts.Length < ids.Length)
        {
            (_parts, _heads) = (new Part[ids.Length], new byte[ids.Length * Head]);
        }

        foreach (var id in ids.Span)
        {
            ShardOf(id).GetRange(id, rest: false, 0, Head - 1);
        }

        await SendAsync(cancellation);
        _position.Clear();
        var intact = true;
        for (var chunk = 0; chunk < ids.Length; chunk++)
        {
            var shard = ShardOf(ids.Span[chunk]);
            var length = await shard.NextAsync(cancellation);
            await shard.ReadAsync(_heads.AsMemory(chunk * Head, length), cancellation);
            intact &= ChunkRanges.TryMeasure(_heads.AsSpan(chunk * Head, length), out var steps, out var bytes);
            _parts[chunk] = new Part(length, steps, bytes, First: steps, End: 0);
            _position.Add(ids.Span[chunk], chunk);
        }

        return intact;
    }

    /// <summary>Notes which steps of each chunk its windows need; false where the chunks do not hold a window.</summary>
    private bool Choose(BatchPlan plan)
    {
        foreach (var window in plan.Windows)
        {
            var (offset, left) = (window.Offset, window.Length);
            foreach (var id in window.Chunks)
            {
                ref var part = ref _parts[_position[id]];
                var end = Math.Min(part.Steps, offset + left);
                part = part with { First = Math.Min(part.First, offset), End = Math.Max(part.End, end) };
                (offset, left) = (0, left - (end - offset));
            }

            if (left != 0)
            {
                return false;
            }
        }

        return true;
    }

    private async ValueTask<ChunkPayloads> ReadPartsAsync(ReadOnlyMemory<long> ids, CancellationToken cancellation)
    {
        var result = new Leased(ids.Length);
        _requested.Clear();
        for (var chunk = 0; chunk < ids.Length; chunk++)
        {
            var part = _parts[chunk];
            var head = _heads.AsSpan(chunk * Head, part.HeadBytes);
            head.CopyTo(result.Rent(chunk, part.Bytes).Span);
            ChunkRanges.Find(head, part.First, part.End - part.First, _ranges);
            var first = ValueSplit.First(part.Bytes);
            foreach (var (start, end) in _ranges)
            {
                Request(chunk, ids.Span[chunk], start, Math.Min(end, first), 0);
                Request(chunk, ids.Span[chunk], Math.Max(start, first), end, first);
            }
        }

        await SendAsync(cancellation);
        foreach (var (chunk, start, end) in _requested)
        {
            var shard = ShardOf(ids.Span[chunk]);
            var length = await shard.NextAsync(cancellation);
            if (length < end - start)
            {
                // Evicted between the two reads.
                result.Drop(chunk);
            }

            await shard.ReadAsync(result.Memory(chunk).Slice(start, length), cancellation);
        }

        return result.ToPayloads();
    }

    /// <summary>Asks for bytes of a chunk that lie in the value that begins at <paramref name="valueStart"/>.</summary>
    private void Request(int chunk, long id, int start, int end, int valueStart)
    {
        if (start < end)
        {
            ShardOf(id).GetRange(id, rest: valueStart > 0, start - valueStart, end - 1 - valueStart);
            _requested.Add((chunk, start, end));
        }
    }

    /// <summary>A chunk of the plan: what its header says and which steps are wanted.</summary>
    private readonly record struct Part(int HeadBytes, int Steps, int Bytes, int First, int End);

    /// <summary>Memory from the shared pool, one piece per chunk.</summary>
    private sealed class Leased(int count)
    {
        private readonly byte[]?[] _buffers = new byte[count][];
        private readonly ReadOnlyMemory<byte>?[] _chunks = new ReadOnlyMemory<byte>?[count];

        public Memory<byte> Rent(int chunk, int length)
        {
            _buffers[chunk] = ArrayPool<byte>.Shared.Rent(length);
            _chunks[chunk] = _buffers[chunk].AsMemory(0, length);
            return _buffers[chunk].AsMemory(0, length);
        }

        public Memory<byte> Memory(int chunk) => _buffers[chunk];

        public void Drop(int chunk) => _chunks[chunk] = null;

        public ChunkPayloads ToPayloads() => new(_chunks, Return);

        private void Return()
        {
            foreach (var buffer in _buffers)
            {
                if (buffer is not null)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }
            }
        }
    }
}
