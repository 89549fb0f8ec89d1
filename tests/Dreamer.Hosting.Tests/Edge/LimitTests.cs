using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Dreamer.Hosting.Edge;
using Grpc.Core;

namespace Dreamer.Hosting.Tests.Edge;

/// <summary>What one peer may take of a server. Alone, because what is allocated is counted for the whole process.</summary>
[CollectionDefinition(nameof(LimitTests), DisableParallelization = true)]
[Collection(nameof(LimitTests))]
public sealed class LimitTests
{
    [Fact]
    public async Task An_address_has_so_many_calls_open_and_no_more()
    {
        await using var host = await EdgeHost.StartAsync(calls: 2);
        using var channel = host.Connect();
        var client = new Edge.EdgeClient(channel.Invoker);
        using var first = client.Talk();
        await EchoAsync(first);
        using (var second = client.Talk())
        {
            await EchoAsync(second);
            var refused = await Assert.ThrowsAsync<RpcException>(async () => await client.ReadAsync(new EdgeMessage()));
            Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
            Assert.Equal("127.0.0.1 has 2 calls open already, which is replay.limits.calls_per_address", refused.Status.Detail);
            await second.RequestStream.CompleteAsync();
            Assert.False(await second.ResponseStream.MoveNext(CancellationToken.None));
        }

        // The place of a call that has ended is free again, and the other one goes on.
        await WaitAsync(async () =>
        {
            try
            {
                await client.ReadAsync(new EdgeMessage());
                return true;
            }
            catch (RpcException)
            {
                return false;
            }
        });
        await EchoAsync(first);
        using var http = new HttpClient();
        Assert.Contains("dreamer_edge_calls_refused_total{reason=\"calls\"}", await http.GetStringAsync(host.Health + "/metrics"));
    }

    [Fact]
    public async Task A_peer_makes_so_many_calls_per_second_and_another_role_has_its_own()
    {
        var clock = new ManualClock();
        var directory = Directory.CreateTempSubdirectory("dreamer-rate");
        string Token(string role)
        {
            var path = Path.Combine(directory.FullName, role);
            File.WriteAllText(path, role);
            return path;
        }

        await using var host = await EdgeHost.StartAsync(
            [new(PeerRole.Actor, "actor"), new(PeerRole.Learner, "learner")], callsPerSecond: 3, time: clock);
        using var actor = host.Connect(Token("actor"));
        using var learner = host.Connect(Token("learner"));
        using var nobody = host.Connect(Token("nobody"));
        directory.Delete(recursive: true);
        async Task<Status> CallAsync(ReplayChannel channel)
        {
            try
            {
                await new Edge.EdgeClient(channel.Invoker).ReadAsync(new EdgeMessage());
                return Status.DefaultSuccess;
            }
            catch (RpcException refused)
            {
                return refused.Status;
            }
        }

        for (var call = 0; call < 3; call++)
        {
            Assert.Equal(StatusCode.OK, (await CallAsync(actor)).StatusCode);
            Assert.Equal(StatusCode.Unauthenticated, (await CallAsync(nobody)).StatusCode);
        }

        var refused = await CallAsync(actor);
        Assert.Equal((StatusCode.ResourceExhausted, "127.0.0.1 makes more than 3 calls per second, which is replay.limits.calls_per_second"), (refused.StatusCode, refused.Detail));

        // Who guesses tokens is told no faster than that whether one was right.
        Assert.Equal(StatusCode.ResourceExhausted, (await CallAsync(nobody)).StatusCode);
        Assert.Equal(StatusCode.OK, (await CallAsync(learner)).StatusCode);
        clock.Advance(0.4);
        Assert.Equal(StatusCode.OK, (await CallAsync(actor)).StatusCode);
        Assert.Equal(StatusCode.ResourceExhausted, (await CallAsync(actor)).StatusCode);
        using var http = new HttpClient();
        Assert.Contains("dreamer_edge_calls_refused_total{reason=\"rate\"} 3", await http.GetStringAsync(host.Health + "/metrics"));
    }

    [Fact]
    public async Task A_peer_is_read_no_faster_than_it_may_send_and_nothing_of_it_is_lost()
    {
        // A frame's head, and the field's.
        const int Messages = 10;
        const int Bytes = 5 + 3 + 500;
        var clock = new ManualClock();
        await using var host = await EdgeHost.StartAsync(bytesPerSecond: 1000, time: clock);
        using var channel = host.Connect();
        using var call = new Edge.EdgeClient(channel.Invoker).Talk();
        var message = new EdgeMessage { Data = Google.Protobuf.ByteString.CopyFrom(new byte[500]) };
        var sending = Task.Run(async () =>
        {
            for (var sent = 0; sent < Messages; sent++)
            {
                await call.RequestStream.WriteAsync(message);
            }

            await call.RequestStream.CompleteAsync();
        });

        var seconds = 0.0;
        for (var read = 0; read < Messages; read++)
        {
            var answer = call.ResponseStream.MoveNext(CancellationToken.None);
            await WaitAsync(() =>
            {
                if (!answer.IsCompleted && clock.Timers > 0)
                {
                    clock.Advance(0.1);
                    seconds += 0.1;
                }

                return Task.FromResult(answer.IsCompleted);
            });
            Assert.True(await answer);
            Assert.Equal(500, call.ResponseStream.Current.Data.Length);
            Assert.True((read + 1) * Bytes <= 1000 + 1000 * seconds + Bytes, $"{read + 1} messages in {seconds:0.0} s");
        }

        await sending;
        Assert.InRange(seconds, (Messages - 1) * Bytes / 1000.0 - 1.01, (Messages * Bytes) / 1000.0);
        using var http = new HttpClient();
        Assert.Matches("dreamer_edge_bytes_delayed_bytes_total [1-9]", await http.GetStringAsync(host.Health + "/metrics"));
    }

    [Fact]
    public async Task One_connection_too_many_is_closed_and_health_has_room_of_its_own()
    {
        await using var host = await EdgeHost.StartAsync(connections: 2);
        var address = IPEndPoint.Parse(new Uri(host.Grpc).Authority);
        var open = new List<TcpClient>();
        for (var i = 0; i < 2; i++)
        {
            open.Add(new TcpClient());
            await open[i].ConnectAsync(address);
            await open[i].GetStream().WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x4\0\0\0\0\0"u8.ToArray());

            // The server's settings: it has been let in.
            Assert.True(await open[i].GetStream().ReadAsync(new byte[1]) > 0);
        }

        using (var third = new TcpClient())
        {
            Assert.Equal(0, await ReadAsync(third, address));
        }

        using var http = new HttpClient();
        Assert.Contains("dreamer_edge_calls_refused_total{reason=\"connections\"}", await http.GetStringAsync(host.Health + "/metrics"));
        open.ForEach(connection => connection.Dispose());
        using var channel = host.Connect();
        await WaitAsync(async () =>
        {
            try
            {
                await new Edge.EdgeClient(channel.Invoker).ReadAsync(new EdgeMessage());
                return true;
            }
            catch (RpcException)
            {
                return false;
            }
        });
    }

    [Fact]
    public async Task A_message_that_unpacks_to_more_than_it_is_is_not_unpacked()
    {
        await using var host = await EdgeHost.StartAsync();
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            var zeros = new byte[1 << 20];
            for (var i = 0; i < 256; i++)
            {
                gzip.Write(zeros);
            }
        }

        var frame = new byte[5 + packed.Length];
        frame[0] = 1;
        global::System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), (int)packed.Length);
        packed.ToArray().CopyTo(frame, 5);
        using var content = new ByteArrayContent(frame);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        using var request = new HttpRequestMessage(HttpMethod.Post, host.Grpc + "/dreamer.tests.Edge/Read")
        {
            Content = content,
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Headers = { { "grpc-encoding", "gzip" }, { "te", "trailers" } },
        };
        using var http = new HttpClient();
        var before = GC.GetTotalAllocatedBytes(precise: true);
        using var response = await http.SendAsync(request);
        var status = response.Headers.TryGetValues("grpc-status", out var early) ? early.Single() : response.TrailingHeaders.GetValues("grpc-status").Single();
        Assert.Equal(((int)StatusCode.ResourceExhausted).ToString(), status);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 32 << 20);
    }

    private static async Task EchoAsync(AsyncDuplexStreamingCall<EdgeMessage, EdgeMessage> call)
    {
        await call.RequestStream.WriteAsync(new EdgeMessage { Text = "hi" });
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
    }

    // Closed at once, it may be gone before it is known to be there.
    private static async Task<int> ReadAsync(TcpClient connection, IPEndPoint address)
    {
        try
        {
            await connection.ConnectAsync(address);
            return await connection.GetStream().ReadAsync(new byte[1]);
        }
        catch (Exception closed) when (closed is IOException or SocketException)
        {
            return 0;
        }
    }

    private static async Task WaitAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!await condition())
        {
            await Task.Delay(20, limit.Token);
        }
    }
}
