using Dreamer.Contracts.Clients;
using Dreamer.Experience;
using Dreamer.Hosting.Edge;
using Dreamer.Hosting.Settings;
using Dreamer.Operations;
using Dreamer.System.Tests.Processes;
using Dreamer.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.System.Tests.Wire;

/// <summary>What actors tell of how long acknowledgements take them.</summary>
public sealed class AcknowledgementTests
{
    private const int Steps = 4;
    private static readonly TimeSpan OneWay = TimeSpan.FromMilliseconds(60);

    [Fact]
    public async Task The_status_has_the_way_there_and_back_as_the_actor_saw_it()
    {
        await using var server = new ReplayServer("--limiter.head_start_steps", "100000");
        await using var link = new FaultProxy(server.Address) { Delay = OneWay };
        using var patience = new CancellationTokenSource(Until.Limit);
        using var operating = server.OpenChannel("operator");
        var client = new V1.Replay.ReplayClient(operating.Invoker);
        async Task<V1.StatusReply> StatusAsync() => await client.StatusAsync(new V1.StatusRequest(), cancellationToken: patience.Token);

        using var channel = ReplayChannel.Open(
            server.Configuration.Bind<ReplaySettings>("replay") with { Address = $"http://{link.Address}", TokenFile = server.TokenFileOf("actor") });
        await using var writer = new GrpcExperienceWriter(
            new V1.Experience.ExperienceClient(channel.Invoker), new WriterOptions("far"), TimeProvider.System, NullLogger<GrpcExperienceWriter>.Instance);
        await writer.OpenAsync(TinyChunks.Schema, patience.Token);
        var builder = new ChunkBuilder(TinyChunks.Schema, StreamId.NewRandom(), Steps);

        // The first chunk has nothing to tell, the second tells of the first.
        await SendAsync(writer, builder, patience.Token);
        var status = await StatusAsync();
        Assert.Equal((0, 0), (status.Actors[0].AckP50Seconds, status.Actors[0].AckP95Seconds));
        Assert.Null(RunStatus.Of(null, server.Address, null, status, 0).Actors[0].AckP95Seconds);

        await SendAsync(writer, builder, patience.Token);
        status = await StatusAsync();
        var actor = Assert.Single(RunStatus.Of(null, server.Address, null, status, 0).Actors);
        Assert.InRange(actor.AckP50Seconds!.Value, 1.9 * OneWay.TotalSeconds, Until.Limit.TotalSeconds);
        Assert.Equal(actor.AckP50Seconds, actor.AckP95Seconds);
    }

    [Fact]
    public void Only_the_newest_durations_count()
    {
        var times = new RecentTimes();
        Assert.Equal(0, times.Quantile(0.95));
        times.Add(TimeSpan.FromSeconds(7));
        Assert.Equal((7, 7), (times.Quantile(0.5), times.Quantile(0.95)));
        for (var second = 1; second <= 100; second++)
        {
            times.Add(TimeSpan.FromSeconds(second));
        }

        // 37 to 100.
        Assert.Equal((37, 68, 97, 100), (times.Quantile(0), times.Quantile(0.5), times.Quantile(0.95), times.Quantile(1)));
    }

    private static async Task SendAsync(GrpcExperienceWriter writer, ChunkBuilder builder, CancellationToken cancellation)
    {
        await writer.WriteAsync(TinyChunks.Next(builder, Steps), cancellation);
        await writer.FlushAsync(cancellation);
    }
}
