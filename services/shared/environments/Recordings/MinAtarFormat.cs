using System.Security.Cryptography;
using System.Text.Json;

namespace Dreamer.Environments.Recordings;

/// <summary>
/// MinAtar: starts from the seed and goes on through several episodes. The state is written as its packed bits in hexadecimal digits, or
/// as the first twelve digits of their MD5.
/// </summary>
internal static class MinAtarFormat
{
    private const int DigestDigits = 12;

    public static Recording Read(JsonElement root) => root.Numbers("sticky") is [0.1] && root.Numbers("ramping") is [1]
        ? new Recording($"minatar_{root.Text("game")}", [.. root.List("runs").Select(Episode)])
        : throw new RecordingFormatException("its games have other settings than ours, which are 'sticky' 0.1 and 'ramping' true");

    private static RecordedEpisode Episode(JsonElement run)
    {
        var steps = new List<RecordedStep>();
        var ended = false;
        foreach (var step in run.List("steps").Select(Json.Tuple))
        {
            var terminal = step.Numbers(2, "terminal");
            if (step.Length < 4 || step[3].ValueKind != JsonValueKind.String)
            {
                throw new RecordingFormatException("a step lacks the text of its state");
            }

            steps.Add(new RecordedStep(
                step.Numbers(0, "action"),
                [Check.Numbers("reward", step.Numbers(1, "reward"), 1e-12), Check.Numbers(RecordingReplay.Terminated, terminal, 0), State(step[3].GetString()!)],
                ended));
            ended = terminal is [1];
        }

        return new RecordedEpisode(run.Seed(), new Dictionary<string, double[]>(), [State(run.Text("s0"))], [.. steps]);
    }

    private static Check State(string expected) => Check.Digest("state", expected, cells =>
    {
        var packed = Pack(cells);
        return expected.Length == DigestDigits && packed.Length * 2 != DigestDigits
            ? Convert.ToHexStringLower(MD5.HashData(packed))[..DigestDigits]
            : Convert.ToHexStringLower(packed);
    });

    /// <summary>Eight cells to a byte, the first one in its highest bit.</summary>
    private static byte[] Pack(double[] cells)
    {
        var packed = new byte[(cells.Length + 7) / 8];
        for (var index = 0; index < cells.Length; index++)
        {
            packed[index / 8] |= (byte)(cells[index] != 0 ? 0x80 >> (index % 8) : 0);
        }

        return packed;
    }
}
