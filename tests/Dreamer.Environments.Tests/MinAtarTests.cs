using System.Security.Cryptography;
using Dreamer.Spaces;

namespace Dreamer.Environments.Tests;

/// <summary>The games follow the original's recordings bit by bit from the seed alone, sticky actions and rising difficulty included.</summary>
public sealed class MinAtarTests
{
    private const int FullBoards = 40;

    [Theory]
    [InlineData("asterix")]
    [InlineData("breakout")]
    [InlineData("freeway")]
    [InlineData("space_invaders")]
    public void Boards_rewards_and_ends_follow_the_recording(string game)
    {
        using var recording = Recording.Json($"minatar_{game}");
        foreach (var run in recording.RootElement.GetProperty("runs").EnumerateArray())
        {
            var seed = run.GetProperty("seed").GetUInt64();
            using var environment = EnvironmentRegistry.Make(new EnvironmentOptions { Name = $"minatar_{game}" }, seed);
            var step = new TimeStep(environment.Spec);
            environment.Reset(step);
            Assert.Equal(run.GetProperty("s0").GetString(), Convert.ToHexStringLower(Pack(step.Floats(0))));
            var index = 0;
            foreach (var recorded in run.GetProperty("steps").EnumerateArray())
            {
                if (step.IsLast)
                {
                    environment.Reset(step);
                }

                environment.Step(OneHot(6, recorded[0].GetInt32()), step);
                var bits = Pack(step.Floats(0));
                var board = index < FullBoards ? Convert.ToHexStringLower(bits) : Convert.ToHexStringLower(MD5.HashData(bits))[..12];
                Assert.Equal(
                    (seed, index, recorded[1].GetSingle(), recorded[2].GetInt32() == 1, recorded[3].GetString()),
                    (seed, index, step.Reward, step.IsTerminal, board));
                index++;
            }

            Assert.Equal(400, index);
        }
    }

    private static float[] OneHot(int size, int choice)
    {
        var action = new float[size];
        action[choice] = 1;
        return action;
    }

    private static byte[] Pack(ReadOnlySpan<float> cells)
    {
        var bits = new byte[(cells.Length + 7) / 8];
        for (var index = 0; index < cells.Length; index++)
        {
            bits[index / 8] |= (byte)(cells[index] == 1 ? 0x80 >> (index % 8) : 0);
        }

        return bits;
    }
}
