using System.Runtime.InteropServices;
using Dreamer.Environments.Fakes;
using Dreamer.Experience;
using Dreamer.Redis;
using Dreamer.Spaces;

namespace Dreamer.System.Tests.Processes;

/// <summary>The whole content of a store, in commit order.</summary>
internal sealed record StoredExperience(Schema Schema, IReadOnlyList<ChunkRecord> Records, IReadOnlyList<Chunk> Chunks)
{
    /// <summary>Steps of all chunks.</summary>
    public long Steps => Records.Sum(record => record.Steps);

    /// <summary>Reads a store that nobody writes to any more, and closes it.</summary>
    public static async Task<StoredExperience> ReadAsync(IChunkStore store)
    {
        await using var buffer = await ReplayBuffer.OpenAsync(store, new ReplayOptions(), TimeProvider.System, CancellationToken.None);
        var schema = buffer.Schema ?? throw new InvalidDataException("the store names no schema");
        var records = (await store.RecoverAsync(CancellationToken.None)).Records;
        var payload = await store.ReadAsync(records.Select(record => record.Id).ToArray(), CancellationToken.None);
        return new StoredExperience(schema, records, [.. records.Zip(payload, (record, encoded) =>
            ChunkCodec.Decode(encoded ?? throw new InvalidDataException($"chunk {record.Id} is indexed, but gone"), schema))]);
    }

    /// <summary>Reads what a Redis holds that no replay service writes to.</summary>
    public static Task<StoredExperience> ReadAsync(RedisProcess redis, string passwordFile) => RedisStores.WaitAsync(
        async () =>
        {
            var (store, _) = await RedisStores.OpenAsync(redis.Address, "", passwordFile, tls: null, TimeProvider.System, CancellationToken.None);
            return await ReadAsync(store);
        },
        Until.Limit, _ => Task.CompletedTask, TimeProvider.System, CancellationToken.None);

    /// <summary>
    /// After a run in the environment <c>fake</c>: every stream begins with its environment's first record, and no record is
    /// missing, doubled, out of order or changed. Returns the records per stream.
    /// </summary>
    public Dictionary<StreamId, long> Audit()
    {
        var streams = new Dictionary<StreamId, (long Sequence, long Records, uint Seed)>();
        foreach (var (record, chunk) in Records.Zip(Chunks))
        {
            var known = streams.TryGetValue(record.Stream, out var stream);
            Assert.Equal((record.Stream, stream.Sequence, record.Steps), (chunk.Stream, chunk.Sequence, chunk.Steps));
            for (var step = 0; step < chunk.Steps; step++, stream.Records++)
            {
                var ledger = LedgerOf(chunk, step);
                stream.Seed = known || step > 0 ? stream.Seed : ledger.Seed;
                Assert.Equal(new FakeLedger(stream.Seed, (uint)stream.Records), ledger);
            }

            streams[record.Stream] = stream with { Sequence = stream.Sequence + 1 };
        }

        return streams.ToDictionary(stream => stream.Key, stream => stream.Value.Records);
    }

    private FakeLedger LedgerOf(Chunk chunk, int step)
    {
        var tensor = Schema.Tensors[0];
        var observation = chunk.Columns[0].Span.Slice(step * tensor.Bytes, tensor.Bytes);
        Assert.True(FakeLedger.TryRead(observation, DType.Float32, out var ledger), $"step {step} of chunk {chunk.Sequence} of {chunk.Stream} was changed on its way");
        var first = chunk.Columns[Schema.IsFirstIndex].Span[step] != 0;
        Assert.Equal(first ? 0 : ledger.Reward, MemoryMarshal.Cast<byte, float>(chunk.Columns[Schema.RewardIndex].Span)[step]);
        return ledger;
    }
}
