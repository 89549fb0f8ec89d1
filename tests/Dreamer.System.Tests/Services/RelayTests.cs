using System.Security.Cryptography;
using Dreamer.Contracts.Clients;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Edge;
using Dreamer.Hosting.Edge.Tls;
using Dreamer.Hosting.Settings;
using Dreamer.Policies;
using Dreamer.Replay;
using Dreamer.Spaces;
using Dreamer.System.Tests.Processes;
using Dreamer.Testing;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.System.Tests.Services;

/// <summary>Weights on their way through a relay.</summary>
public sealed class RelayTests
{
    [Fact]
    public async Task Every_subscriber_gets_the_newest_version_and_needs_the_service_for_none()
    {
        await using var server = new ReplayServer();
        await using var proxy = new FaultProxy(server.Address);
        await using var relay = new Relay(server, proxy.Address);
        using var learner = server.OpenChannel("learner");
        await using var writing = Feed(learner);
        using var near = relay.OpenChannel("actor");
        await using var early = Feed(near);

        var first = early.NextAsync(-1, relay.Limit);
        await writing.PublishAsync(Weights(3), relay.Limit);
        Assert.Equal(3, (await first).Version);

        // The service is cut off: the relay has what who comes later wants, and this one's next version is on its way.
        proxy.Partition();
        var next = early.NextAsync(3, relay.Limit);
        await writing.PublishAsync(Weights(4), relay.Limit);
        var newest = Weights(6);
        await writing.PublishAsync(newest, relay.Limit);
        using var other = relay.OpenChannel("actor");
        await using var late = Feed(other);
        Assert.Equal(3, (await late.NextAsync(-1, relay.Limit)).Version);
        Assert.False(next.IsCompleted);

        proxy.Heal();
        await next;
        foreach (var feed in new[] { early, late })
        {
            var got = await feed.NextAsync(5, relay.Limit);
            Assert.Equal(6, got.Version);
            Assert.Equal(newest.Sha256.ToArray(), got.Sha256.ToArray());
        }
    }

    [Fact]
    public async Task A_version_that_arrives_damaged_goes_no_further()
    {
        await using var server = new ReplayServer();
        await using var proxy = new FaultProxy(server.Address);
        await using var relay = new Relay(server, proxy.Address);
        using var learner = server.OpenChannel("learner");
        await using var writing = Feed(learner);
        using var near = relay.OpenChannel("actor");
        await using var reading = Feed(near);
        await writing.PublishAsync(Weights(0), relay.Limit);
        await reading.NextAsync(-1, relay.Limit);
        for (var version = 1; version <= 3; version++)
        {
            proxy.FlipAfter(2 << 20);
            var sent = Weights(version);
            await writing.PublishAsync(sent, relay.Limit);
            Assert.Equal(sent.Sha256.ToArray(), (await reading.NextAsync(version - 1, relay.Limit)).Sha256.ToArray());
        }

        Assert.True(proxy.Flipped > 0);
        Assert.Equal(0, reading.Damaged);
    }

    [Fact]
    public async Task It_takes_no_weights_and_no_strangers_and_a_token_that_is_refused_ends_it()
    {
        await using var server = new ReplayServer();
        await using var relay = new Relay(server, server.Address);
        using var learner = relay.OpenChannel("learner");
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await Feed(learner).PublishAsync(Weights(1), relay.Limit));
        Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
        using var stranger = relay.OpenChannel("nobody");
        await using var reading = Feed(stranger);
        refused = await Assert.ThrowsAsync<RpcException>(async () => await reading.NextAsync(-1, relay.Limit));
        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);

        refused = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await using var stray = new Relay(server, server.Address, tokenOf: "nobody");
            await stray.Running;
        });
        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
    }

    [Fact]
    public async Task Where_all_show_certificates_it_is_a_client_to_the_service_and_a_server_to_actors()
    {
        using var directory = new TemporaryDirectory();
        var files = new CertificateAuthority(directory.Path, TimeProvider.System);
        files.Create(["127.0.0.1"], 10);
        string[] Own(string section, string side) =>
            [$"--{section}.tls.certificate_file", files[$"{side}.crt"], $"--{section}.tls.key_file", files[$"{side}.key"], $"--{section}.tls.ca_file", files["ca.crt"]];
        await using var server = new ReplayServer([.. Own("replay", "server"), "--replay.tls.require_client_certificate", "true"]);
        await using var relay = new Relay(
            server, server.Address, flags: [.. Own("replay", "client"), .. Own("relay", "server"), "--relay.tls.require_client_certificate", "true", "--replay.address", $"https://{server.Address}"]);

        using var channel = relay.OpenChannel("learner", $"https://{server.Address}");
        await Feed(channel).PublishAsync(Weights(3), relay.Limit);
        using var near = relay.OpenChannel("actor", $"https://{relay.Address}");
        await using var reading = Feed(near);
        Assert.Equal(3, (await reading.NextAsync(-1, relay.Limit)).Version);

        // Who shows none gets none: TLS ends before the token counts.
        using var stranger = relay.OpenChannel("actor", $"https://{relay.Address}", new TlsFiles { CaFile = files["ca.crt"] });
        var refused = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            using var call = new V1.Weights.WeightsClient(stranger.Invoker).Subscribe(new V1.SubscribeRequest { AfterVersion = -1 }, cancellationToken: relay.Limit);
            await call.ResponseStream.MoveNext(relay.Limit);
        });
        Assert.Contains("set replay.tls.certificate_file", refused.Status.Detail);
    }

    [Fact]
    public async Task Actors_behind_it_lose_nothing_and_go_on_to_newer_weights_when_it_and_the_service_are_killed()
    {
        // So slow that what actors keep while the service is down does not hold them back for long afterwards.
        await using var cluster = new Cluster("--env.fake.step_milliseconds", "2");
        var listen = FreePorts.Take(2);
        await cluster.Redis.StartAsync();
        var (replay, learner, relay) = (cluster.StartReplay(), cluster.StartLearner(), cluster.StartRelay(listen[0], listen[1]));
        var actors = Enumerable.Range(0, 2).Select(index => cluster.StartActor(index, "--actor.weights_address", $"http://{listen[0]}")).ToArray();
        async Task<double> OldestAsync() => await cluster.MetricAsync("dreamer_replay_actor_policy_version");
        async Task NewerAsync()
        {
            var (held, here) = (await OldestAsync(), await Health.MetricAsync(listen[1], "dreamer_policy_version"));
            await Until.HoldsAsync("actors use newer weights", async () => await OldestAsync() > Math.Max(held, here), () => cluster.Said);
        }

        await cluster.ConnectedAsync(2);
        await cluster.ReachesAsync("dreamer_replay_actor_policy_version", 1);
        await relay.KillAsync();
        await cluster.InsertAsync(1280);
        relay = cluster.StartRelay(listen[0], listen[1]);
        await NewerAsync();
        await replay.KillAsync();
        replay = cluster.StartReplay();
        await cluster.ConnectedAsync(2);
        await NewerAsync();
        await cluster.TerminateAsync(relay);
        await cluster.EndAsync(replay, learner, actors);
    }

    private static GrpcPolicyFeed Feed(ReplayChannel channel) =>
        new(new V1.Weights.WeightsClient(channel.Invoker), TimeProvider.System, NullLogger<GrpcPolicyFeed>.Instance);

    private static PolicyBlob Weights(long version) => PolicyBlob.Create(version, """{"agent":"test"}"""u8.ToArray(), RandomNumberGenerator.GetBytes(3 << 20));

    /// <summary>A relay on a free port of this process, which knows the same tokens as the service. Disposing says why it ended, if it did.</summary>
    private sealed class Relay : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly CancellationTokenSource _limit = new(Until.Limit);
        private readonly TemporaryDirectory _directory = new();
        private readonly DreamerConfiguration _configuration;

        public Relay(ReplayServer server, string upstream, string tokenOf = "actor", params string[] flags)
        {
            Address = FreePorts.Take(1)[0];
            foreach (var role in new[] { "actor", "learner", "nobody" })
            {
                File.WriteAllText(_directory[role], ReplayServer.TokenOf(role));
            }

            _configuration = ConfigurationLoader.Load(new ConfigurationRequest(
            [
                "--relay.listen", Address, "--relay.health_listen", "", "--replay.address", $"http://{upstream}", "--replay.token_file", _directory[tokenOf],
                "--replay.actor_token_file", server.TokenFileOf("actor"), "--replay.learner_token_file", server.TokenFileOf("learner"),
                "--replay.operator_token_file", server.TokenFileOf("operator"), .. flags,
            ])
            {
                Environment = new Dictionary<string, string>(),
            });
            Running = Task.Run(RunAsync);
        }

        public string Address { get; }

        public Task Running { get; }

        /// <summary>Waits for it end here: it has ended, or it is too long.</summary>
        public CancellationToken Limit => _limit.Token;

        /// <summary>A connection of a role with the relay's own files, to the relay unless another address is given.</summary>
        public ReplayChannel OpenChannel(string role, string? address = null, TlsFiles? tls = null)
        {
            var settings = _configuration.Bind<ReplaySettings>("replay");
            return ReplayChannel.Open(settings with { Address = address ?? $"http://{Address}", TokenFile = _directory[role], Tls = tls ?? settings.Tls });
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            try
            {
                await Running;
            }
            finally
            {
                _stop.Dispose();
                _limit.Dispose();
                _directory.Dispose();
            }
        }

        private async Task RunAsync()
        {
            try
            {
                await RelayHost.RunAsync(_configuration, _stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                // As asked.
            }
            finally
            {
                await _limit.CancelAsync();
            }
        }
    }
}
