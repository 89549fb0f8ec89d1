using System.Net;
using System.Net.Sockets;
using Dreamer.Contracts;
using Dreamer.Experience;
using Dreamer.Hosting.Edge;
using Dreamer.Hosting.Settings;
using Dreamer.Policies;
using Dreamer.Spaces;
using Dreamer.System.Tests.Processes;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.System.Tests.Fuzz;

/// <summary>
/// Damaged messages over every rpc of a real server, by peers that have the right token. The server answers each with a status that says what
/// is wrong, keeps exactly what it says that it took, keeps no memory, and serves on.
/// </summary>
public sealed class RpcFuzzTests : IAsyncDisposable
{
    private const int Steps = 8;
    private const int Batch = 50;

    // Not among them: INTERNAL, which is a defect. UNKNOWN is what gRPC makes of bytes that are no message of a unary call.
    // UNAVAILABLE comes from Kestrel, which ends the connection of a peer whose calls it had to reset too often.
    private static readonly HashSet<StatusCode> Refusals =
    [
        StatusCode.InvalidArgument, StatusCode.FailedPrecondition, StatusCode.ResourceExhausted, StatusCode.Unauthenticated, StatusCode.PermissionDenied,
        StatusCode.Unimplemented, StatusCode.Unknown, StatusCode.Unavailable,
    ];

    private static readonly Schema Schema = Schema.For(
        new EnvironmentSpec(ActionSpec.Parse("discrete:2"), new TensorSpec("vector", DType.Float32, 4)), [new TensorSpec("deter", DType.BFloat16, 2)]);

    private readonly Mutator _mutator = new(FuzzBudget.Seed);
    private readonly ReplayServer _server = new("--replay.chunk_steps", $"{Steps}", "--limiter.head_start_steps", "1e12", "--limiter.max_catch_up_steps", "1e15", "--replay.selectors.uniform", "0.5",
        "--replay.selectors.prioritized", "0.5");

    private readonly ReplayChannel _actor;
    private readonly ReplayChannel _learner;
    private readonly ReplayChannel _operator;
    private readonly ReplayChannel _nobody;
    private int _answered;

    public RpcFuzzTests()
    {
        _actor = _server.OpenChannel("actor");
        _learner = _server.OpenChannel("learner");
        _operator = _server.OpenChannel("operator");
        _nobody = ReplayChannel.Open(_server.Configuration.Bind<ReplaySettings>("replay"));
    }

    public async ValueTask DisposeAsync()
    {
        _actor.Dispose();
        _learner.Dispose();
        _operator.Dispose();
        _nobody.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Push()
    {
        var push = Rpc("Push");
        var sent = new List<(StreamId Stream, long Sequence, int Steps)>();
        var (steps, chunks, streams) = (0L, 0L, 0);
        await EachAsync(150, 0.6, async () =>
        {
            var stream = new StreamId((UInt128)(ulong)_mutator.Random.NextInt64(1, long.MaxValue));
            byte[][] messages = [Hello(stream), Chunk(stream, 0, ends: false), Chunk(stream, 1, _mutator.Random.Next(2) == 0)];
            var damaged = _mutator.Random.Next(messages.Length);
            messages[damaged] = _mutator.Mutate(messages[damaged], messages[_mutator.Random.Next(messages.Length)]);
            sent.AddRange(messages.Select(message => RawCalls.Parse(V1.PushRequest.Parser, message)?.Chunk).OfType<V1.Chunk>()
                .Where(chunk => chunk.Stream.Length == StreamId.Size).Select(chunk => (StreamId.Read(chunk.Stream.Span), chunk.Sequence, chunk.Steps)));
            await TryAsync(_actor, push, messages, int.MaxValue);
            return 1;
        }, async () =>
        {
            // What the service says that it has of each stream that was spoken of is what it has in all, once no call is left that brings more.
            await IdleAsync();
            foreach (var (stream, mark) in await MarksAsync(push, [.. sent.Select(chunk => chunk.Stream).Distinct()]))
            {
                for (var sequence = 0; sequence < mark; sequence++)
                {
                    steps += sent.First(chunk => chunk.Stream == stream && chunk.Sequence == sequence).Steps;
                }

                (chunks, streams) = (chunks + mark, streams + (mark > 0 ? 1 : 0));
            }

            sent.Clear();
            var now = await StatusAsync();
            Assert.Equal((steps, chunks, streams), (now.InsertedSteps, now.Chunks, now.Streams));
        });
        Assert.True(chunks > 0);
        Assert.True((await StatusAsync()).Refused > 0);
    }

    [Fact]
    public async Task What_learners_operators_and_evaluators_ask()
    {
        await StatusAsync();
        await TryAsync(_actor, Rpc("Push"), [Hello(new StreamId(1)), Chunk(new StreamId(1), 0, false), Chunk(new StreamId(1), 1, true)], int.MaxValue);
        var before = await StatusAsync();
        Assert.Equal(2 * Steps, before.InsertedSteps);
        var attach = new V1.AttachRequest { Schema = Schema.ToMessage(), BatchSize = 2, WindowLength = 4, TrainRatio = 1e6, Seed = 1, MinItems = 1, ReplayedSteps = 0 }.ToByteArray();
        var report = new V1.ReportRequest
        {
            Actor = "eval-0",
            Episodes = { new V1.EvaluatedEpisode { PolicyVersion = 1, PolicySteps = 8, Return = 2, Length = 8, Facts = { new V1.EpisodeFact { Name = "fact", Value = 1 } } } },
        }.ToByteArray();
        var stop = new V1.DrainRequest { Cancel = true }.ToByteArray();
        var plan = new V1.BatchPlan();
        await EachAsync(300, 0.25, async () =>
        {
            switch (_mutator.Random.Next(12))
            {
                case < 4:
                    await TryAsync(_learner, Rpc("Attach"), [_mutator.Mutate(attach, attach)], 1);
                    return 1;
                case < 6:
                    var attached = V1.AttachReply.Parser.ParseFrom(await AskAsync(_learner, "Attach", attach));
                    var sample = new V1.SampleRequest
                    {
                        Release = { plan.Id },
                        Instance = attached.Instance,
                        Priorities = { plan.Chunks.Select(chunk => new V1.StepPriorities { Chunk = chunk, Values = { 1, 2 } }) },
                    }.ToByteArray();
                    foreach (var answer in await TryAsync(_learner, Rpc("Sample"), [_mutator.Mutate(sample, attach)], 1))
                    {
                        plan = V1.BatchPlan.Parser.ParseFrom(answer);
                    }

                    return 1;
                case < 8:
                    await TryAsync(_actor, Rpc("Report"), [_mutator.Mutate(report, report)], 1);
                    return 1;
                case 8:
                    await TryAsync(_learner, Rpc("Detach"), [_mutator.Mutate(new V1.DetachRequest { Updates = 3 }.ToByteArray(), attach)], 1);
                    return 1;
                case 9:
                    // A damaged one may be a good one that begins to drain: it is taken back.
                    await TryAsync(_operator, Rpc("Drain"), [_mutator.Mutate(stop, attach)], 1);
                    while (!await TookAsync(_operator, "Drain", stop))
                    {
                    }

                    return 1;
                default:
                    await TryAsync(_learner, Rpc("Status"), [_mutator.Mutate([8, 1], attach)], 1);
                    return 1;
            }
        }, async () =>
        {
            var now = await StatusAsync();
            Assert.Equal((before.InsertedSteps, before.Chunks, before.Streams), (now.InsertedSteps, now.Chunks, now.Streams));
        });
    }

    [Fact]
    public async Task Weights()
    {
        var blob = RandomPolicy.Blob(new EnvironmentSpec(ActionSpec.Parse("discrete:2"), new TensorSpec("vector", DType.Float32, 4)), 1);
        var frames = WeightFrames.Split(blob).Select(frame => frame.ToByteArray()).ToArray();
        var newest = -1L;
        await EachAsync(100, 0.1, async () =>
        {
            if (_mutator.Random.Next(4) > 0)
            {
                // One in eight is as it should be, and is not counted.
                var count = 0;
                var damaged = WeightFrames.Split(blob with { Version = _mutator.Random.Next(1000) }).Select(frame => frame.ToByteArray()).ToArray();
                if (_mutator.Random.Next(8) > 0)
                {
                    var at = _mutator.Random.Next(frames.Length);
                    damaged[at] = _mutator.Mutate(frames[at], frames[^1]);
                    count = 1;
                }

                foreach (var answer in await TryAsync(_learner, Rpc("Publish"), damaged, 1))
                {
                    newest = V1.PublishReply.Parser.ParseFrom(answer).Version;
                }

                return count;
            }

            // Where nothing newer will come the call waits, as it should.
            var request = _mutator.Mutate(new V1.SubscribeRequest { AfterVersion = -1 }.ToByteArray(), frames[0]);
            if (newest >= 0 && !(RawCalls.Parse(V1.SubscribeRequest.Parser, request)?.AfterVersion >= newest))
            {
                await TryAsync(_actor, Rpc("Subscribe"), [request], 1);
            }

            return 1;
        }, async () => Assert.Equal(newest, (await StatusAsync()).WeightsVersion));
        Assert.True(newest >= 0);
    }

    [Fact]
    public async Task Tokens_and_bytes_that_are_no_gRPC()
    {
        await StatusAsync();
        var token = ReplayServer.TokenOf("learner");
        await EachAsync(150, 0.05, async () =>
        {
            if (_mutator.Random.Next(4) == 0)
            {
                await GarbageAsync();
                return 1;
            }

            var rpc = Rpcs[_mutator.Random.Next(Rpcs.Length)];
            var shown = new string([.. _mutator.Mutate("Bearer "u8.ToArray().Concat(token.Select(letter => (byte)letter)).ToArray(), []).Select(value => (char)((value % 94) + 33))]);
            Assert.Empty(await TryAsync(_nobody, rpc, [[]], 1, new Metadata { { "authorization", shown } }));
            return 1;
        }, async () => Assert.Equal((0, 0, -1), ((int)(await StatusAsync()).Chunks, (await StatusAsync()).Actors.Count, (await StatusAsync()).WeightsVersion)));
    }

    /// <summary>All rpcs; one that is added here without a way to fuzz it shows in the access table's test.</summary>
    internal static MethodDescriptor[] Rpcs { get; } =
    [
        .. new[] { V1.ExperienceReflection.Descriptor, V1.ReplayReflection.Descriptor, V1.WeightsReflection.Descriptor }
            .SelectMany(file => file.Services).SelectMany(service => service.Methods),
    ];

    private static MethodDescriptor Rpc(string name) => Rpcs.Single(rpc => rpc.Name == name);

    /// <summary>Runs attempts until enough messages were sent; between batches of them the check, and at the end the server must be no larger.</summary>
    private async Task EachAsync(int fast, double share, Func<Task<int>> attempt, Func<Task> check)
    {
        await StatusAsync();
        await attempt();
        await check();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var kept = (await StatusAsync()).Bytes;
        for (var (left, batch) = (FuzzBudget.Of(fast, share), 0); left > 0; batch++)
        {
            left -= await attempt();
            if (batch % Batch == 0)
            {
                await check();
            }
        }

        await check();
        Assert.True(_answered > 0);

        // A chunk of these is smaller than what the index and the memory store need for it.
        var stored = await StatusAsync();
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before - (8 * (stored.Bytes - kept)), long.MinValue, 64 << 20);
        await IdleAsync();
    }

    /// <summary>Waits until the service has seen the end of every call of an actor, which may be later than its client's.</summary>
    private Task IdleAsync() => Until.HoldsAsync("no actor is left", async () => (await StatusAsync()).Actors.Count == 0);

    private async Task<List<byte[]>> TryAsync(ReplayChannel channel, MethodDescriptor rpc, IEnumerable<byte[]> messages, int wanted, Metadata? headers = null)
    {
        try
        {
            _answered++;
            return await SendAsync(channel, rpc, messages, wanted, headers);
        }
        catch (RpcException refused)
        {
            Assert.True(
                Refusals.Contains(refused.StatusCode) && (refused.StatusCode != StatusCode.Unavailable || refused.Status.Detail.Contains("ENHANCE_YOUR_CALM", StringComparison.Ordinal)),
                $"{rpc.FullName}: {refused.Status}");
            return [];
        }
    }

    private static async Task<List<byte[]>> SendAsync(ReplayChannel channel, MethodDescriptor rpc, IEnumerable<byte[]> messages, int wanted, Metadata? headers)
    {
        using var limit = new CancellationTokenSource(Until.Limit);
        return await RawCalls.SendAsync(channel.Invoker, rpc, messages, wanted, headers, limit.Token);
    }

    /// <summary>The answer to a good message; Kestrel may have to be asked again.</summary>
    private async Task<byte[]> AskAsync(ReplayChannel channel, string rpc, byte[] message)
    {
        while (true)
        {
            if (await TryAsync(channel, Rpc(rpc), [message], 1) is [var answer])
            {
                return answer;
            }
        }
    }

    private async Task<bool> TookAsync(ReplayChannel channel, string rpc, byte[] message)
    {
        try
        {
            await SendAsync(channel, Rpc(rpc), [message], int.MaxValue, null);
            return true;
        }
        catch (RpcException ended) when (ended.Status.Detail.Contains("ENHANCE_YOUR_CALM", StringComparison.Ordinal))
        {
            return false;
        }
    }

    private async Task<V1.StatusReply> StatusAsync()
    {
        using var limit = new CancellationTokenSource(Until.Limit);
        while (true)
        {
            try
            {
                return await new V1.Replay.ReplayClient(_learner.Invoker).StatusAsync(new V1.StatusRequest(), new CallOptions(cancellationToken: limit.Token).WithWaitForReady());
            }
            catch (RpcException ended) when (ended.Status.Detail.Contains("ENHANCE_YOUR_CALM", StringComparison.Ordinal))
            {
            }
        }
    }

    private async Task<IEnumerable<(StreamId Stream, long Mark)>> MarksAsync(MethodDescriptor push, List<StreamId> streams)
    {
        var hello = V1.PushRequest.Parser.ParseFrom(Hello([.. streams]));
        List<byte[]> answers;
        while ((answers = await TryAsync(_actor, push, [hello.ToByteArray()], 1)).Count == 0)
        {
            // Its connection was ended; the next call makes another.
        }

        return streams.Zip(V1.PushReply.Parser.ParseFrom(Assert.Single(answers)).Welcome.NextSequence);
    }

    private async Task GarbageAsync()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPEndPoint.Parse(_server.Address));
        byte[] preface = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, 4, 0, 0, 0, 0, 0];
        await client.GetStream().WriteAsync(_mutator.Mutate(preface, preface));
    }

    private static byte[] Hello(params StreamId[] streams) => new V1.PushRequest
    {
        Hello = new V1.Hello { Actor = "fuzz", Schema = Schema.ToMessage(), Streams = { streams.Select(stream => stream.ToMessage()) } },
    }.ToByteArray();

    private static byte[] Chunk(StreamId stream, int sequence, bool ends)
    {
        var columns = Schema.Tensors.Select(tensor => new byte[tensor.Bytes * Steps]).ToArray();
        columns[Schema.IsFirstIndex][0] = (byte)(sequence == 0 ? 1 : 0);
        var chunk = new Chunk
        {
            Stream = stream,
            Sequence = sequence,
            Steps = Steps,
            SchemaHash = Schema.Hash,
            Columns = [.. columns.Select(column => (ReadOnlyMemory<byte>)column)],
            Episodes = [new Episode(Steps - 1, 1, Steps - 1, [new EpisodeFact("fact", 1)])],
            EndsStream = ends,
        };
        return new V1.PushRequest { Chunk = chunk.ToMessage() }.ToByteArray();
    }
}
