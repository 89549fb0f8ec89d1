using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Dreamer.Agents.Checkpoints;
using Dreamer.Experience;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Settings;
using Dreamer.Policies;
using Dreamer.Policies.DreamerV1;
using Dreamer.Policies.DreamerV3;
using Dreamer.Policies.PlaNet;
using Dreamer.Spaces;
using Dreamer.System.Tests.Processes;
using static TorchSharp.torch;

namespace Dreamer.System.Tests.Fuzz;

/// <summary>
/// Every record that is read back from a store or a disk, damaged: what reads it says so with the one exception that is meant for it, and takes
/// no memory for what is not there. Checksums are made right again for half of them, so that what lies behind is reached.
/// </summary>
public sealed class RecordFuzzTests : IDisposable
{
    private const int Fast = 1500;
    private const int Steps = 16;

    private static readonly Schema Schema = Schema.For(
        new EnvironmentSpec(ActionSpec.Parse("discrete:3"), new TensorSpec("image", DType.UInt8, 8, 8, 3), new TensorSpec("vector", DType.Float32, 4)),
        [new TensorSpec("deter", DType.BFloat16, 6)]);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Stored_chunks()
    {
        var chunks = Enumerable.Range(0, 2).Select(sequence => ChunkCodec.Encode(Chunk(sequence), Schema, ChunkCompression.Auto)).ToArray();
        var assembler = new BatchAssembler(Schema, 1, 20, verify: true);
        var plan = new BatchPlan(1, [new Window([1, 2], 4, 20, Abandoned: false)], [1, 2], [], 32, 20, 1, 1);
        assembler.Assemble(plan, [chunks[0], chunks[1]]);
        Each(Fast, 0.3, mutator =>
        {
            var damaged = mutator.Mutate(chunks[0], chunks[1]);
            if (mutator.Random.Next(2) == 0 && damaged.Length > 16 && BinaryPrimitives.ReadInt32LittleEndian(damaged.AsSpan(8)) is var header && header >= 4 && header <= damaged.Length)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(damaged.AsSpan(header - 4), Crc32C.Compute(damaged.AsSpan(0, header - 4)));
            }

            Expect<InvalidChunkException>(() => ChunkCodec.Decode(damaged, Schema));
            Expect<InvalidChunkException>(() => assembler.Assemble(plan, [damaged, chunks[1]]));
            var ranges = new List<(int Start, int End)>();
            if (ChunkRanges.TryMeasure(damaged, out var steps, out var bytes))
            {
                ChunkRanges.Find(damaged, 0, steps, ranges);
                Assert.All(ranges, range => Assert.InRange(range.End, 0, bytes));
            }
        });
    }

    [Fact]
    public async Task The_index_and_what_is_saved_beside_it()
    {
        await using var source = new MemoryChunkStore();
        var replay = await ReplayBuffer.OpenAsync(source, new ReplayOptions { ChunkSteps = Steps }, TimeProvider.System, default);
        replay.UseSchema(Schema);
        var hello = new LearnerHello(Schema, 1, 8, 0, 1, 1, null, 0, 1);
        replay.Attach(hello);
        for (var sequence = 0; sequence < 6; sequence++)
        {
            await replay.AppendAsync(Chunk(sequence), default);
        }

        var snapshot = await source.RecoverAsync(default);
        var records = snapshot.Records.Select(record =>
        {
            var bytes = new byte[record.Size];
            record.Write(bytes);
            return bytes;
        }).ToArray();
        Each(Fast, 0.2, mutator =>
        {
            var which = mutator.Random.Next(records.Length + 1);
            Expect<StoreDamagedException>(() =>
            {
                var read = records.Select((bytes, at) => ChunkRecord.Read(at == which ? mutator.Mutate(bytes, records[0]) : bytes));
                var damaged = snapshot with
                {
                    Records = [.. read],
                    Meta = which == records.Length ? mutator.Mutate(snapshot.Meta.Span, "\"limiter\":{"u8) : snapshot.Meta,
                };
                var opened = ReplayBuffer.OpenAsync(new Recovered(damaged), new ReplayOptions { ChunkSteps = Steps }, TimeProvider.System, default).GetAwaiter().GetResult();
                if (opened.Schema?.Equals(Schema) == true)
                {
                    opened.Attach(hello);
                    var drawing = opened.SampleAsync(new CancellationToken(canceled: true));
                    Assert.True(drawing.IsCompleted);
                }
            });
        });
    }

    [Fact]
    public void Weights()
    {
        PolicyBlob[] blobs = [.. PolicySeeds()];
        Assert.All(blobs, blob => PolicyFactory.Create(blob, 2, 1));
        Each(Fast, 0.15, mutator =>
        {
            var blob = blobs[mutator.Random.Next(blobs.Length)];
            var manifest = mutator.Mutate(blob.Manifest.Span, blobs[0].Manifest.Span);
            var weights = mutator.Random.Next(4) == 0 ? mutator.Mutate(blob.Weights.Span, []) : blob.Weights.ToArray();
            var damaged = mutator.Random.Next(8) == 0
                ? new PolicyBlob(1, manifest, weights, blob.Sha256)
                : PolicyBlob.Create(1, manifest, weights);
            Expect<PolicyFormatException>(() => PolicyFactory.Create(damaged, 2, 1));
        });
    }

    [Fact]
    public void Checkpoints()
    {
        using var scope = NewDisposeScope();
        var store = new CheckpointStore(_directory["checkpoints"]);
        var saved = store.Save(7, writer =>
        {
            writer.Tensor("a", zeros(2, 3));
            writer.Tensor("b", zeros([4], float64));
            writer.Value("updates", 7L);
            writer.Value("names", new[] { "x", "y" });
        });
        var (tensorFile, stateFile) = (Path.Combine(saved, "tensors.safetensors"), Path.Combine(saved, "state.json"));
        var (tensors, state) = (File.ReadAllBytes(tensorFile), File.ReadAllBytes(stateFile));
        Each(400, 0.1, mutator =>
        {
            var (damagedTensors, damagedState) = mutator.Random.Next(2) == 0
                ? (mutator.Mutate(tensors, state), state)
                : (tensors, mutator.Mutate(state, tensors));
            File.WriteAllBytes(tensorFile, damagedTensors);
            File.WriteAllBytes(stateFile, mutator.Random.Next(3) > 0 ? Resealed(damagedState, damagedTensors) : damagedState);
            Expect<CheckpointException>(() =>
            {
                using var reader = CheckpointReader.Open(saved);
                try
                {
                    var into = zeros(2, 3);
                    reader.Tensor("a", into);
                    into.Dispose();
                    reader.Value<long>("updates");
                }
                catch (CheckpointMismatchException)
                {
                    // Sealed by hand, and of another shape: that is what it is for.
                }
            });
        });
    }

    [Fact]
    public async Task Journals()
    {
        var path = _directory["journal"];
        await using (var store = MemoryChunkStore.OpenJournaled(path, TimeProvider.System))
        {
            var replay = await ReplayBuffer.OpenAsync(store, new ReplayOptions { ChunkSteps = Steps }, TimeProvider.System, default);
            replay.UseSchema(Schema);
            for (var sequence = 0; sequence < 4; sequence++)
            {
                await replay.AppendAsync(Chunk(sequence), default);
            }

            await store.EvictAsync([1], default);
        }

        var file = Assert.Single(Directory.GetFiles(path, "*.segment"));
        var segment = File.ReadAllBytes(file);
        Each(400, 0.1, mutator =>
        {
            var damaged = mutator.Mutate(segment, segment);
            if (mutator.Random.Next(2) == 0)
            {
                Reframe(damaged);
            }

            File.WriteAllBytes(file, damaged);
            using var journal = new Opened(MemoryChunkStore.OpenJournaled(path, TimeProvider.System));
            var snapshot = journal.Store.RecoverAsync(default).GetAwaiter().GetResult();
            Assert.InRange(snapshot.Records.Length, 0, 4);
            Expect<StoreDamagedException>(() => ReplayBuffer.OpenAsync(journal.Store, new ReplayOptions { ChunkSteps = Steps }, TimeProvider.System, default).GetAwaiter().GetResult());
        });
    }

    [Fact]
    public void Settings()
    {
        var whole = ConfigurationPrinter.ToYaml(Load("--configs", "cartpole"));
        var at = whole.IndexOf("replay:", StringComparison.Ordinal);
        var text = Encoding.UTF8.GetBytes(whole[at..Math.Min(whole.Length, at + 2500)]);
        var path = _directory["config.yaml"];
        Each(300, 0.15, mutator =>
        {
            File.WriteAllBytes(path, mutator.Mutate(text, "*a &a {a: [b, ? c : !!d | > ---\n"u8));
            Expect<ConfigurationException>(() => Load("--settings", path).Bind<ReplaySettings>("replay"));
        });
    }

    private static DreamerConfiguration Load(params string[] flags) =>
        ConfigurationLoader.Load(new ConfigurationRequest(flags) { Environment = new Dictionary<string, string>(), WorkingDirectory = Path.GetTempPath() });

    /// <summary>Throws the records at their reader; memory that stays, or that one of them takes by itself, is a fault.</summary>
    private static void Each(int fast, double share, Action<Mutator> attempt)
    {
        var mutator = new Mutator(FuzzBudget.Seed);
        attempt(mutator);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var left = FuzzBudget.Of(fast, share); left > 0; left--)
        {
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            attempt(mutator);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 64 << 20);
        }

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 32 << 20);
    }

    private static void Expect<TException>(Action read) where TException : Exception
    {
        try
        {
            read();
        }
        catch (TException)
        {
            // What damaged records are answered with. Anything else fails the test.
        }
    }

    private static Chunk Chunk(int sequence)
    {
        var columns = Schema.Tensors.Select(tensor => new byte[tensor.Bytes * Steps]).ToArray();
        columns[Schema.IsFirstIndex][0] = sequence == 0 ? (byte)1 : (byte)0;
        columns[Schema.IsLastIndex][5] = 1;
        return new Chunk
        {
            Stream = new StreamId(7),
            Sequence = sequence,
            Steps = Steps,
            SchemaHash = Schema.Hash,
            Columns = [.. columns.Select(column => (ReadOnlyMemory<byte>)column)],
            Episodes = [new Episode(5, 1, 5)],
        };
    }

    private static IEnumerable<PolicyBlob> PolicySeeds()
    {
        var environment = new EnvironmentSpec(ActionSpec.Parse("continuous:2"), new TensorSpec("vector", DType.Float32, 4));
        yield return RandomPolicy.Blob(environment, 1);
        yield return Zeros(DreamerV3Format.Policy.Builder(environment, new DreamerV3Sizes { Deter = 16, Blocks = 2, Hidden = 8, Stoch = 2, Classes = 4, Units = 8, Depth = 4 }));
        yield return Zeros(DreamerV1Format.Policy.Builder(
            environment, DreamerV1Sizes.Published with { Deter = 8, Stoch = 4, Hidden = 8, VectorUnits = 8, Units = 8 }));
        yield return Zeros(PlaNetFormat.Policy.Builder(
            environment, PlaNetSizes.Published with { Deter = 8, Stoch = 4, Hidden = 8, Units = 8, Candidates = 10, Top = 2 }));
    }

    private static PolicyBlob Zeros(PolicyBlobBuilder builder)
    {
        foreach (var tensor in builder.Tensors)
        {
            builder.Add(tensor.Name, tensor.Shape, new float[tensor.Elements]);
        }

        return builder.Build(1);
    }

    private static byte[] Resealed(byte[] state, byte[] tensors)
    {
        try
        {
            if (JsonNode.Parse(state) is JsonObject json)
            {
                json["tensors_sha256"] = Convert.ToHexStringLower(SHA256.HashData(tensors));
                json.Remove("sha256");
                json["sha256"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json.ToJsonString())));
                return Encoding.UTF8.GetBytes(json.ToJsonString());
            }
        }
        catch (Exception none) when (none is global::System.Text.Json.JsonException or ArgumentException or InvalidOperationException)
        {
        }

        return state;
    }

    /// <summary>Makes the checksum of each frame right.</summary>
    private static void Reframe(Span<byte> segment)
    {
        while (segment.Length > 8 && BinaryPrimitives.ReadUInt32LittleEndian(segment) is var length && length > 0 && length <= segment.Length - 8)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(segment[4..], Crc32C.Compute(segment.Slice(8, (int)length)));
            segment = segment[(8 + (int)length)..];
        }
    }

    private sealed class Opened(MemoryChunkStore store) : IDisposable
    {
        public MemoryChunkStore Store => store;

        public void Dispose() => store.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    /// <summary>A store that holds what was read, and nothing else.</summary>
    private sealed class Recovered(StoreSnapshot snapshot) : IChunkStore
    {
        public Task<StoreSnapshot> RecoverAsync(CancellationToken cancellation) => Task.FromResult(snapshot);

        public ValueTask<AppendResult> CommitAsync(ChunkRecord record, ReadOnlyMemory<byte> encoded, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask<long> DurableAsync(CancellationToken cancellation) => ValueTask.FromResult(0L);

        public Task FlushAsync(CancellationToken cancellation) => Task.CompletedTask;

        public Task EvictAsync(IReadOnlyList<long> ids, CancellationToken cancellation) => Task.CompletedTask;

        public Task SaveMetaAsync(ReadOnlyMemory<byte> meta, CancellationToken cancellation) => Task.CompletedTask;

        public ValueTask<ChunkPayloads> ReadAsync(ReadOnlyMemory<long> ids, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask<ChunkPayloads> ReadAsync(BatchPlan plan, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
