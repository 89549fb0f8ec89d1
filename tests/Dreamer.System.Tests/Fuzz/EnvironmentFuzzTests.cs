using Dreamer.Hosting.Edge;
using Dreamer.Hosting.Settings;
using Dreamer.System.Tests.Processes;
using Google.Protobuf;
using Grpc.Core;
using R1 = Dreamer.Remote.V1;

namespace Dreamer.System.Tests.Fuzz;

/// <summary>Damaged requests to a served environment: each is answered by its response or refused with a reason, and no environment breaks down.</summary>
public sealed class EnvironmentFuzzTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Process()
    {
        await using var server = DreamerCommand.Start(_directory.Path, ["env", "serve", "CartPole-v1", "--listen", "127.0.0.1:0"]);
        await Until.HoldsAsync("the server serves", () => !server.Running || server.Output.Contains("--env remote:", StringComparison.Ordinal), () => server.Said);
        var address = server.Output.Trim().Split("--env remote:")[^1];
        using var channel = ReplayChannel.Open(new ReplaySettings { Address = $"http://{address}", MaxMessageBytes = 4 << 20 });
        var process = R1.DmEnvRpcReflection.Descriptor.Services[0].Methods[0];
        var mutator = new Mutator(FuzzBudget.Seed);
        var step = new R1.EnvironmentRequest
        {
            Step = new()
            {
                Actions = { [1] = new R1.Tensor { Int32S = new() { Array = { 1 } } } },
                RequestedObservations = { 1, 2 },
            },
        };
        var (answered, refused) = (0, 0);
        for (var left = FuzzBudget.Of(200, 0.05); left > 0; left -= 5)
        {
            // Worlds are numbered by session.
            var world = $"world-{answered + refused}";
            var (requests, at) = (Requests(step, world), mutator.Random.Next(5));
            requests[at] = mutator.Mutate(requests[at], requests[3]);
            using var limit = new CancellationTokenSource(Until.Limit);
            try
            {
                foreach (var answer in await RawCalls.SendAsync(channel.Invoker, process, requests, int.MaxValue, null, limit.Token))
                {
                    var response = R1.EnvironmentResponse.Parser.ParseFrom(answer);
                    Assert.True(response.Error?.Code != (int)StatusCode.Internal, response.Error?.Message);
                }

                answered++;
            }
            catch (RpcException garbage)
            {
                Assert.Equal(StatusCode.InvalidArgument, garbage.StatusCode);
                refused++;
            }
        }

        Assert.True(answered > 0);
        Assert.True(server.Running, server.Said);
    }

    private static byte[][] Requests(R1.EnvironmentRequest step, string world) =>
    [
        new R1.EnvironmentRequest { CreateWorld = new() { Settings = { ["seed"] = new R1.Tensor { Int64S = new() { Array = { 3 } } } } } }.ToByteArray(),
        new R1.EnvironmentRequest { JoinWorld = new() { WorldName = world } }.ToByteArray(),
        step.ToByteArray(),
        step.ToByteArray(),
        new R1.EnvironmentRequest { Reset = new() }.ToByteArray(),
    ];
}
