using System.Globalization;
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

    public static Recording Read(JsonElement root) => new(
        $"minatar_{root.Text("game")}", [.. root.List("runs").Select(run => Episode(run, root.Numbers("sticky"), root.Numbers("ramping")))]);

    private static RecordedEpisode Episode(JsonElement run, double[] sticky, double[] ramping)
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

        var start = new Dictionary<string, double[]> { ["seed"] = run.Numbers("seed"), ["sticky"] = sticky, ["ramping"] = ramping };
        return new RecordedEpisode(start, [State(run.Text("s0"))], [.. steps]);
    }

    private static Check State(string expected) => Check.Digest("state", expected, cells =>
    {
        var packed = Pack(cells);
        return expected.Length == DigestDigits && packed.Length * 2 != DigestDigits
            ? Hexadecimal(MD5.HashData(packed))[..DigestDigits]
            : Hexadecimal(packed);
    });

    private static string Hexadecimal(byte[] bytes) => Convert.ToHexString(bytes).ToLower(CultureInfo.InvariantCulture);

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
