using Dreamer.Environments.Fakes;
using Dreamer.Spaces;

namespace Dreamer.Environments.Tests;

public sealed class FakeTests
{
    [Fact]
    public void Every_record_says_which_it_is_in_every_tensor()
    {
        var options = new EnvironmentOptions { Name = "fake", Observation = ObservationKind.Both, Fake = new FakeOptions { EpisodeLength = 3 } };
        using var environment = EnvironmentRegistry.Make(options, seed: 77);
        var step = new TimeStep(environment.Spec) { IsLast = true };
        for (uint record = 0; record < 10; record++)
        {
            if (step.IsLast)
            {
                environment.Reset(step);
            }
            else
            {
                environment.Step([0, 0, 1, 0], step);
                Assert.Equal(new FakeLedger(77, record).Reward, step.Reward);
            }

            for (var index = 0; index < environment.Spec.Observations.Length; index++)
            {
                Assert.True(FakeLedger.TryRead(step.Observations[index], environment.Spec.Observations[index].DType, out var ledger));
                Assert.Equal(new FakeLedger(77, record), ledger);
            }
        }
    }

    [Theory]
    [InlineData(DType.UInt8)]
    [InlineData(DType.Float32)]
    public void A_damaged_tensor_is_seen(DType dtype)
    {
        var tensor = new byte[44];
        new FakeLedger(3, 9).Write(tensor, dtype);
        Assert.True(FakeLedger.TryRead(tensor, dtype, out _));
        for (var index = 0; index < tensor.Length; index++)
        {
            tensor[index] ^= 1;
            Assert.False(FakeLedger.TryRead(tensor, dtype, out _), $"byte {index}");
            tensor[index] ^= 1;
        }
    }

    [Fact]
    public void An_end_can_be_terminal_or_a_cut()
    {
        foreach (var terminates in new[] { true, false })
        {
            var options = new FakeOptions { EpisodeLength = 1, Terminates = terminates };
            using var environment = new FakeEnvironment(options, ObservationKind.Vector, imageSize: 64, seed: 0);
            var step = new TimeStep(environment.Spec);
            environment.Reset(step);
            environment.Step([1, 0, 0, 0], step);
            Assert.Equal((true, terminates), (step.IsLast, step.IsTerminal));
        }
    }
}
