using System.Threading.Channels;
using Dreamer.Experience;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Settings;
using Dreamer.Policies;
using Dreamer.Replay;
using Dreamer.System.Tests.Processes;
using Grpc.Core;
using DrainProgress = Dreamer.Contracts.V1.DrainProgress;

namespace Dreamer.System.Tests.Operations;

/// <summary>How long a drain waits for those who may be back: who wrote to the service before one that has just started, and who was cut off.</summary>
public sealed class StartingDrainTests
{
    private const int Steps = 4;
    private static readonly TimeSpan Lost = TimeSpan.FromHours(1);

    [Fact]
    public async Task It_waits_for_actors_whose_streams_it_found_open_and_takes_what_they_still_have()
    {
        using var patience = new CancellationTokenSource(Until.Limit);
        var (store, stream) = (new MemoryChunkStore(), StreamId.NewRandom());
        var builder = new ChunkBuilder(TinyChunks.Schema, stream, Steps);
        await using (var before = await Service.StartAsync(store))
        {
            await before.Replay.AppendAsync(TinyChunks.Next(builder, Steps), patience.Token);
        }

        await using var service = await Service.StartAsync(store);
        var drain = service.BeginDrain(patience.Token);
        var progress = await drain.ReadAsync(patience.Token);
        Assert.True(progress is { Actors: 0, Away: 0, NotDurable: 0, Starting: true, Done: false }, $"{progress}");

        // Nearly too late one is back, and hands in its rest.
        service.Clock.Now = Lost - TimeSpan.FromSeconds(1);
        using (var actor = service.Actors.Join("actor-0", [stream]))
        {
            service.Drain.Pulse();
            progress = await UntilAsync(drain, seen => seen.Actors == 1, patience.Token);
            Assert.True(progress is { Starting: true, Done: false }, $"{progress}");
            var rest = TinyChunks.Next(builder, Steps, last: true);
            actor.Took(rest, (await service.Replay.AppendAsync(rest, patience.Token)).Outcome);
        }

        // Another one may be.
        service.Drain.Pulse();
        progress = await UntilAsync(drain, seen => seen is { Actors: 0, NotDurable: 0 }, patience.Token);
        Assert.True(progress is { Away: 0, Starting: true, Done: false }, $"{progress}");
        Assert.False(service.Drain.Learner.IsCancellationRequested);

        service.Clock.Now = Lost;
        service.Drain.Pulse();
        progress = await drain.ReadAsync(patience.Token);
        Assert.True(progress is { Starting: false, Done: true, InsertedSteps: 2 * Steps }, $"{progress}");
        Assert.True(service.Drain.Learner.IsCancellationRequested);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Where_nobody_can_be_back_it_is_done_at_once(bool streamThatEnded)
    {
        using var patience = new CancellationTokenSource(Until.Limit);
        var store = new MemoryChunkStore();
        if (streamThatEnded)
        {
            await using var before = await Service.StartAsync(store);
            await before.Replay.AppendAsync(TinyChunks.Next(new ChunkBuilder(TinyChunks.Schema, StreamId.NewRandom(), Steps), Steps, last: true), patience.Token);
        }

        await using var service = await Service.StartAsync(store);
        var progress = await service.BeginDrain(patience.Token).ReadAsync(patience.Token);
        Assert.True(progress is { Starting: false, Done: true }, $"{progress}");
    }

    [Fact]
    public async Task It_goes_on_without_an_actor_that_was_cut_off_and_does_not_come_back()
    {
        using var patience = new CancellationTokenSource(Until.Limit);
        await using var service = await Service.StartAsync(new MemoryChunkStore());
        var stream = StreamId.NewRandom();
        using (var actor = service.Actors.Join("actor-0", [stream]))
        {
            var chunk = TinyChunks.Next(new ChunkBuilder(TinyChunks.Schema, stream, Steps), Steps);
            actor.Took(chunk, (await service.Replay.AppendAsync(chunk, patience.Token)).Outcome);
        }

        service.Clock.Now = Lost;
        var drain = service.BeginDrain(patience.Token);
        var progress = await drain.ReadAsync(patience.Token);
        Assert.True(progress is { Actors: 0, Away: 1, Starting: false, Done: false }, $"{progress}");

        service.Clock.Now = Lost + TimeSpan.FromSeconds(1);
        service.Drain.Pulse();
        progress = await drain.ReadAsync(patience.Token);
        Assert.True(progress is { Away: 0, Done: true, InsertedSteps: Steps }, $"{progress}");
    }

    private static async Task<DrainProgress> UntilAsync(ChannelReader<DrainProgress> drain, Func<DrainProgress, bool> holds, CancellationToken cancellation)
    {
        while (await drain.ReadAsync(cancellation) is var progress)
        {
            if (holds(progress))
            {
                return progress;
            }
        }

        throw new InvalidOperationException();
    }

    /// <summary>What answers operators, over a store that outlives it and a clock that stands still.</summary>
    private sealed class Service(ReplayBuffer replay, ReplaySettings settings, Clock clock) : IAsyncDisposable
    {
        private readonly Attendance _attendance = new(clock);

        public ReplayBuffer Replay => replay;

        public Clock Clock => clock;

        public ActorRegistry Actors { get; } = new(settings, clock);

        public Drain Drain { get; } = new();

        public static async Task<Service> StartAsync(IChunkStore store)
        {
            var configuration = ConfigurationLoader.Load(
                new ConfigurationRequest(["--replay.lost_after_seconds", $"{Lost.TotalSeconds}"]) { Environment = new Dictionary<string, string>() });
            var settings = configuration.Bind<ReplaySettings>("replay");
            var replay = await ReplayBuffer.OpenAsync(store, settings.ToOptions(configuration.Bind<LimiterSettings>("limiter")), TimeProvider.System, default);
            replay.UseSchema(TinyChunks.Schema);
            return new Service(replay, settings, new Clock());
        }

        /// <summary>Drains, as one call of an operator.</summary>
        public ChannelReader<DrainProgress> BeginDrain(CancellationToken cancellation)
        {
            var said = new Said();
            var weights = new WeightBoard(new NoVault());
            var metrics = new ReplayMetrics(replay, Actors, weights, new StoreWatch(null, clock));
            var endpoint = new ReplayEndpoint(replay, Actors, _attendance, Drain, weights, settings, metrics);
            _ = Task.Run(() => endpoint.Drain(new Contracts.V1.DrainRequest(), said, new Call(cancellation)), CancellationToken.None)
                .ContinueWith(over => said.End(over.Exception), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            return said.Reader;
        }

        public ValueTask DisposeAsync() => replay.DisposeAsync();
    }

    private sealed class Clock : TimeProvider
    {
        private long _now;

        public TimeSpan Now
        {
            set => Volatile.Write(ref _now, value.Ticks);
        }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Volatile.Read(ref _now);
    }

    private sealed class Said : IServerStreamWriter<DrainProgress>
    {
        private readonly Channel<DrainProgress> _said = Channel.CreateUnbounded<DrainProgress>();

        public ChannelReader<DrainProgress> Reader => _said.Reader;

        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(DrainProgress message) => WriteAsync(message, default);

        public Task WriteAsync(DrainProgress message, CancellationToken cancellation) => _said.Writer.WriteAsync(message, cancellation).AsTask();

        public void End(Exception? failure) => _said.Writer.TryComplete(failure);
    }

    private sealed class NoVault : IPolicyVault
    {
        public Task SaveAsync(PolicyBlob blob, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<PolicyBlob?> LoadAsync(CancellationToken cancellationToken) => Task.FromResult<PolicyBlob?>(null);
    }

    /// <summary>A call without a connection.</summary>
    private sealed class Call(CancellationToken cancellation) : ServerCallContext
    {
        protected override string MethodCore => "/dreamer.v1.Replay/Drain";

        protected override string HostCore => "";

        protected override string PeerCore => "";

        protected override DateTime DeadlineCore => DateTime.MaxValue;

        protected override Metadata RequestHeadersCore { get; } = [];

        protected override CancellationToken CancellationTokenCore => cancellation;

        protected override Metadata ResponseTrailersCore { get; } = [];

        protected override Status StatusCore { get; set; }

        protected override WriteOptions? WriteOptionsCore { get; set; }

        protected override AuthContext AuthContextCore { get; } = new("", []);

        protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) => throw new NotSupportedException();

        protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => Task.CompletedTask;
    }
}
