using System.Security.Cryptography;
using System.Text.Json;
using Dreamer.Contracts;
using Dreamer.Policies;
using Grpc.Core;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.System.Tests;

/// <summary>Python's grpcio speaks to the service; it knows of it what proto/ and the documentation say.</summary>
public sealed class PythonPeerTests
{
    private const string Image = "2;image:uint8:64x64x3;action:float32:2;reward:float32:;is_first:uint8:;is_last:uint8:;is_terminal:uint8:;deter:bfloat16:8;stoch:uint8:4";
    private const string Vector = "0;room:int32:1:10;vector:float32:4;action:float32:2;reward:float32:;is_first:uint8:;is_last:uint8:;is_terminal:uint8:";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task Pushes_a_stream_over_30_MB_resumes_it_and_reads_weights_over_30_MB()
    {
        await using var server = new ReplayServer();
        var blob = RandomWeights(version: 7, bytes: 34 << 20);
        await PublishAsync(server, blob);

        var (code, reply) = await PeerAsync(server, Image, "--chunks", "45", "--weights");

        Assert.True(code == 0, reply.ToString());
        Assert.Equal([0L], reply.GetProperty("first").EnumerateArray().Select(mark => mark.GetInt64()));
        Assert.Equal(45, reply.GetProperty("accepted").GetInt64());
        Assert.Equal(45, reply.GetProperty("durable").GetInt64());
        Assert.Equal([45L], reply.GetProperty("resumed").EnumerateArray().Select(mark => mark.GetInt64()));
        Assert.Equal(45, reply.GetProperty("duplicate").GetInt64());
        var weights = reply.GetProperty("weights");
        Assert.Equal(blob.Version, weights.GetProperty("version").GetInt64());
        Assert.Equal(Convert.ToHexStringLower(blob.Sha256.Span), weights.GetProperty("sha256").GetString());
        Assert.Equal("test", weights.GetProperty("manifest").GetProperty("agent").GetString());

        using var channel = server.OpenChannel("learner");
        var status = await new V1.Replay.ReplayClient(channel.Invoker).StatusAsync(new V1.StatusRequest());
        Assert.Equal((45 * 64, 1, 0), (status.InsertedSteps, status.Duplicates, status.Gaps));
    }

    [Theory]
    [InlineData("actor", "crc", "INVALID_ARGUMENT", "CRC32C")]
    [InlineData("actor", "hash", "INVALID_ARGUMENT", "hash")]
    [InlineData("stranger", "", "UNAUTHENTICATED", "")]
    [InlineData("learner", "", "PERMISSION_DENIED", "")]
    public async Task Is_refused_with_a_status_and_nothing_is_stored(string role, string broken, string status, string reason)
    {
        await using var server = new ReplayServer();

        var (code, reply) = await PeerAsync(server, Vector, ["--token", ReplayServer.TokenOf(role), .. broken.Length > 0 ? new[] { "--break", broken } : []]);

        Assert.Equal(1, code);
        Assert.Equal(status, reply.GetProperty("error").GetString());
        Assert.Contains(reason, reply.GetProperty("message").GetString());
        using var channel = server.OpenChannel("learner");
        var after = await new V1.Replay.ReplayClient(channel.Invoker).StatusAsync(new V1.StatusRequest());
        Assert.Equal(0, after.InsertedSteps);
    }

    private static async Task<(int Code, JsonElement Reply)> PeerAsync(ReplayServer server, string schema, params string[] more)
    {
        var script = Path.Combine(Repository.Root, "tests", "Dreamer.System.Tests", "peers", "push_and_read.py");
        var peer = await Tool.RunAsync(
            "/usr/bin/python3",
            [script, "--address", server.Address, "--proto", Path.Combine(Repository.Root, "proto"), "--schema", schema,
                "--token", ReplayServer.TokenOf("actor"), "--timeout", $"{Limit.TotalSeconds}", .. more],
            Limit);
        Assert.True(peer.Output.Length > 0, peer.Errors);
        return (peer.Code, JsonDocument.Parse(peer.Output).RootElement);
    }

    private static PolicyBlob RandomWeights(long version, int bytes)
    {
        var manifest = """{"agent":"test"}"""u8.ToArray();
        var weights = new byte[bytes];
        new Random(1).NextBytes(weights);
        return new PolicyBlob(version, manifest, weights, SHA256.HashData([.. manifest, .. weights]));
    }

    private static async Task PublishAsync(ReplayServer server, PolicyBlob blob)
    {
        using var channel = server.OpenChannel("learner");
        using var call = new V1.Weights.WeightsClient(channel.Invoker).Publish(new CallOptions().WithWaitForReady().WithDeadline(DateTime.UtcNow + Limit));
        foreach (var frame in WeightFrames.Split(blob))
        {
            await call.RequestStream.WriteAsync(frame);
        }

        await call.RequestStream.CompleteAsync();
        Assert.Equal(blob.Version, (await call.ResponseAsync).Version);
    }
}
