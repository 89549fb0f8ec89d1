using System.Net;
using System.Net.Sockets;
using Dreamer.Environments;
using Dreamer.Hosting.Tests;
using Dreamer.Local;
using Dreamer.Remote.Tests.Support;
using Dreamer.Spaces;

namespace Dreamer.Remote.Tests;

/// <summary>Crash, hang and disconnection are failures of an environment, which its owner may make anew.</summary>
public sealed class FailureTests(PythonTasks python) : IClassFixture<PythonTasks>
{
    [Theory]
    [InlineData("raise", 60, "out of order")]
    [InlineData("hang", 2, "env.remote.step_timeout_seconds")]
    public void A_crash_or_a_hang_is_restarted_until_the_budget_is_used_up(string fault, double patience, string reason)
    {
        var options = PythonTasks.Task("Faulty", $"fault={fault}") with { ConnectTimeoutSeconds = 60, StepTimeoutSeconds = patience };
        var (failures, budget) = (new List<string>(), 2);
        using var vector = VectorEnvironment.Make(Given.Remote(python.Name, remote: options), seed: 0, count: 1, mayRestart: (_, failure) =>
        {
            failures.Add(failure.Message);
            return budget-- > 0;
        });
        var lives = new List<(int Life, bool IsFirst)>();

        void Play()
        {
            while (true)
            {
                vector.Step([1, 0]);
                lives.Add((vector.Lives[0], vector.Steps[0].IsFirst));
            }
        }

        var error = Assert.Throws<EnvironmentFailedException>(Play);

        // Each life: a first record and two steps, or less where a step took longer than the patience because the machine was busy.
        (int, bool)[] all = [(0, true), (0, false), (0, false), (1, true), (1, false), (1, false), (2, true), (2, false), (2, false)];
        if (fault == "hang")
        {
            all = [.. all.GroupBy(record => record.Item1).SelectMany(life => life.Take(lives.Count(record => record.Life == life.Key)))];
        }

        Assert.Equal(all, lives);
        Assert.Equal(3, failures.Count);
        Assert.All(failures, failure => Assert.Contains(reason, failure));
        Assert.Contains(reason, error.Message);
    }

    [Fact]
    public async Task A_server_that_dies_and_comes_back_is_joined_again()
    {
        var options = new EnvironmentOptions { Name = "CartPole-v1" };
        var port = LocalPorts.Take();
        var first = await ServedEnvironment.StartAsync(seed => EnvironmentRegistry.Make(options, seed), port);
        var failures = new List<string>();
        using var vector = VectorEnvironment.Make(Given.Remote(first.Name), seed: 0, count: 1, mayRestart: (_, failure) =>
        {
            failures.Add(failure.Message);
            return failures.Count == 1;
        });
        vector.Step([1, 0]);
        vector.Step([1, 0]);

        await first.DisposeAsync();
        await using var second = await ServedEnvironment.StartAsync(seed => EnvironmentRegistry.Make(options, seed), port);
        vector.Step([1, 0]);

        Assert.Contains($"127.0.0.1:{port}", Assert.Single(failures));
        Assert.Equal((1, true), (vector.Lives[0], vector.Steps[0].IsFirst));
        vector.Step([1, 0]);
        Assert.False(vector.Steps[0].IsFirst);
    }

    [Fact]
    public async Task A_server_that_stays_away_costs_the_budget_and_then_the_actor()
    {
        await using var server = await PythonServer.StartAsync("Faulty", "--set", "fault=exit");
        var failures = new List<string>();
        using var vector = new VectorEnvironment(
            count: 1,
            (_, life) => Given.Connect(server.Name, remote: new() { ConnectTimeoutSeconds = life == 0 ? 60 : 0.3, StepTimeoutSeconds = 60 }),
            mayRestart: (_, failure) =>
            {
                failures.Add(failure.Message);
                return failures.Count <= 2;
            });
        void Play()
        {
            while (true)
            {
                vector.Step([1, 0]);
            }
        }

        Assert.Throws<EnvironmentFailedException>(Play);

        // It died, then two attempts found nobody.
        Assert.Equal(3, failures.Count);
        Assert.All(failures.Skip(1), failure => Assert.Contains("env.remote.connect_timeout_seconds", failure));
    }

    [Fact]
    public async Task Disposing_closes_the_stream_and_frees_the_world()
    {
        var served = new Scripted(_ => { });
        await using var server = await ServedEnvironment.StartAsync(_ => served);
        var remote = Given.Connect(server.Name);
        remote.Reset(new TimeStep(remote.Spec));
        Assert.False(served.Disposed.IsCompleted);

        remote.Dispose();
        remote.Dispose();

        await served.Disposed.WaitAsync(Given.Limit);
    }

    [Fact]
    public async Task A_hung_environment_is_left_without_waiting_for_it()
    {
        using var gate = new ManualResetEventSlim();
        using var hangs = new SemaphoreSlim(0);
        var served = new Scripted(_ =>
        {
            hangs.Release();
            gate.Wait();
        });
        await using var server = await ServedEnvironment.StartAsync(_ => served);
        var clock = new ManualClock();
        var remote = Given.Connect(server.Name, time: clock);
        var step = new TimeStep(remote.Spec);
        remote.Reset(step);

        var waiting = Task.Run(() => remote.Step([1, 0, 0], step));
        Assert.True(await hangs.WaitAsync(Given.Limit));
        clock.Advance(29);
        Assert.False(waiting.IsCompleted);
        clock.Advance(1);
        Assert.Contains("env.remote.step_timeout_seconds", (await Assert.ThrowsAsync<RemoteEnvironmentException>(() => waiting.WaitAsync(Given.Limit))).Message);

        // The session is over for good, even if the answer comes after all.
        Assert.Contains("is over", Assert.Throws<RemoteEnvironmentException>(() => remote.Reset(step)).Message);
        remote.Dispose();
        gate.Set();
        await served.Disposed.WaitAsync(Given.Limit);
    }

    [Fact]
    public void Nobody_there()
    {
        const string address = "127.0.0.1:1";
        var error = Assert.Throws<RemoteEnvironmentException>(() => Given.Connect($"remote:{address}", remote: new() { ConnectTimeoutSeconds = 0.2 }));

        Assert.StartsWith($"env.name: nobody listens at {address}", error.Message);
    }

    [Fact]
    public async Task Somebody_there_who_speaks_gRPC_but_not_this()
    {
        await using var other = await ServedEnvironment.StartAsync(make: null);

        Assert.Contains("does not speak dm_env_rpc (Unimplemented", Assert.Throws<RemoteEnvironmentException>(() => Given.Connect(other.Name)).Message);
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n", 60, "does not speak dm_env_rpc")]
    [InlineData("", 2, "env.remote.connect_timeout_seconds")]
    public async Task Somebody_there_who_speaks_something_else_or_nothing(string greeting, double patience, string reason)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var accepting = Task.Run(async () =>
        {
            // The channel looks whether there is anybody before it calls.
            var clients = new List<TcpClient>();
            while (true)
            {
                clients.Add(await other.AcceptTcpClientAsync());
                await clients[^1].GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(greeting));
            }
        });

        var error = Assert.Throws<RemoteEnvironmentException>(() =>
            Given.Connect($"remote:{other.LocalEndpoint}", remote: new() { ConnectTimeoutSeconds = patience }));

        Assert.Contains(reason, error.Message);
        other.Stop();
        await Assert.ThrowsAnyAsync<SocketException>(() => accepting);
    }
}
