using System.Globalization;
using System.Text.RegularExpressions;

namespace Dreamer.Learner.Web;

/// <summary>A file of a run's <c>reports</c>.</summary>
/// <param name="Name">What it shows, e.g. <c>openloop_image</c>.</param>
/// <param name="Step">Environment steps.</param>
/// <param name="Film">Whether it moves (GIF) or not (PNG).</param>
public sealed partial record Picture(string File, string Name, long Step, bool Film)
{
    /// <summary>Reads a file's name; null for what no run writes.</summary>
    public static Picture? Of(string file)
    {
        var match = Form().Match(file);
        return match.Success && long.TryParse(match.Groups["step"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var step)
            ? new Picture(file, match.Groups["name"].Value, step, match.Groups["kind"].Value == "gif")
            : null;
    }

    [GeneratedRegex(@"^(?<name>[A-Za-z0-9_]+)-(?<step>[0-9]{9,18})\.(?<kind>png|gif)\z")]
    private static partial Regex Form();
}
