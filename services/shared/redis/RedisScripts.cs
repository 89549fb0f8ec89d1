namespace Dreamer.Redis;

/// <summary>
/// The server-side steps. Each runs as one: it checks the writer's epoch first, and without the allow-oom flag the server
/// refuses the whole script when memory is out, so none is ever half done.
/// </summary>
internal static class RedisScripts
{
    /// <summary>KEYS meta. ARGV epoch, number of shards. Takes the lease over; false where the epoch in force is not lower.</summary>
    public const string Take = """
        #!lua flags=allow-oom
        if tonumber(redis.call('HGET', KEYS[1], 'epoch') or '0') >= tonumber(ARGV[1]) then return 0 end
        redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'shards', ARGV[2])
        return 1
        """;

    /// <summary>KEYS meta. ARGV epoch, number of shards. Holds the lease still, or takes it again where the server was wiped; the answer is the epoch in force.</summary>
    public const string Reopen = """
        #!lua flags=allow-oom
        if redis.call('HSETNX', KEYS[1], 'epoch', ARGV[1]) == 1 then redis.call('HSET', KEYS[1], 'shards', ARGV[2]) end
        return redis.call('HGET', KEYS[1], 'epoch')
        """;

    /// <summary>KEYS meta. What the server says of itself, the last id, and the epoch in force, empty for none.</summary>
    public const string State = """
        #!lua flags=no-writes
        local info = redis.call('INFO', 'server', 'persistence', 'memory')
        return {info, redis.call('HGET', KEYS[1], 'last') or '0', redis.call('HGET', KEYS[1], 'epoch') or ''}
        """;

    /// <summary>
    /// KEYS meta, index, streams, payload, its rest if it has one. ARGV epoch, last id, new id, stream, sequence, next sequence, steps, record.
    /// Answers OK, FENCED epoch, REWOUND id, SEQUENCE expected or LOST.
    /// </summary>
    public const string Commit = """
        #!lua
        local meta = redis.call('HMGET', KEYS[1], 'epoch', 'last')
        if not meta[1] then return {'REWOUND', '0'} end
        if meta[1] ~= ARGV[1] then return {'FENCED', meta[1]} end
        if (meta[2] or '0') ~= ARGV[2] then return {'REWOUND', meta[2] or '0'} end
        local expected = redis.call('HGET', KEYS[3], ARGV[4]) or '0'
        if expected ~= ARGV[5] then
          redis.call('UNLINK', unpack(KEYS, 4))
          return {'SEQUENCE', expected}
        end
        for i = 4, #KEYS do
          if redis.call('PERSIST', KEYS[i]) == 0 then return {'LOST', ''} end
        end
        redis.call('XADD', KEYS[2], ARGV[3] .. '-0', 'r', ARGV[8])
        redis.call('HSET', KEYS[3], ARGV[4], ARGV[6])
        redis.call('HSET', KEYS[1], 'last', ARGV[3])
        redis.call('HINCRBY', KEYS[1], 'steps', ARGV[7])
        return {'OK', ''}
        """;

    /// <summary>
    /// KEYS meta, index, streams, payload and rest of each. ARGV epoch, ids of the payloads. Frees memory, so it runs without any left.
    /// A stream is forgotten with its last chunk. Byte 41 of a record holds the flags, bytes 9 to 24 the stream.
    /// </summary>
    public const string Evict = """
        #!lua flags=allow-oom
        local epoch = redis.call('HGET', KEYS[1], 'epoch')
        if not epoch then return {'REWOUND', '0'} end
        if epoch ~= ARGV[1] then return {'FENCED', epoch} end
        for i = 2, #ARGV do
          local id = ARGV[i] .. '-0'
          local entry = redis.call('XRANGE', KEYS[2], id, id)[1]
          if entry then
            local record = entry[2][2]
            if string.byte(record, 41) % 2 == 1 then
              redis.call('HDEL', KEYS[3], string.sub(record, 9, 24))
            end
            redis.call('XDEL', KEYS[2], id)
          end
          redis.call('UNLINK', KEYS[2 * i], KEYS[2 * i + 1])
        end
        return {'OK', ''}
        """;

    /// <summary>KEYS meta, streams. ARGV epoch, streams without a chunk.</summary>
    public const string Forget = """
        #!lua flags=allow-oom
        local epoch = redis.call('HGET', KEYS[1], 'epoch')
        if not epoch then return {'REWOUND', '0'} end
        if epoch ~= ARGV[1] then return {'FENCED', epoch} end
        for i = 2, #ARGV do redis.call('HDEL', KEYS[2], ARGV[i]) end
        return {'OK', ''}
        """;

    /// <summary>KEYS meta. ARGV epoch, blob.</summary>
    public const string SaveMeta = """
        #!lua
        local epoch = redis.call('HGET', KEYS[1], 'epoch')
        if not epoch then return {'REWOUND', '0'} end
        if epoch ~= ARGV[1] then return {'FENCED', epoch} end
        redis.call('HSET', KEYS[1], 'meta', ARGV[2])
        return {'OK', ''}
        """;

    /// <summary>KEYS head, new weights. ARGV version, blob size, steps. Moves the head forwards only.</summary>
    public const string PublishPolicy = """
        #!lua
        local head = redis.call('HGET', KEYS[1], 'version')
        if head and tonumber(head) > tonumber(ARGV[1]) then
          redis.call('UNLINK', KEYS[2])
          return {'OLD', head}
        end
        if redis.call('PERSIST', KEYS[2]) == 0 then return {'LOST', ''} end
        redis.call('HSET', KEYS[1], 'version', ARGV[1], 'bytes', ARGV[2], 'steps', ARGV[3])
        return {'OK', ''}
        """;
}
