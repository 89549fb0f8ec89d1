using System.Globalization;
using System.Text.RegularExpressions;

namespace Dreamer.Hosting.Tests.Telemetry;

/// <summary>A strict reader of Prometheus' text format 0.0.4: what it refuses, Prometheus would.</summary>
internal sealed partial class PrometheusText
{
    public Dictionary<string, string> Types { get; } = [];

    public Dictionary<string, double> Samples { get; } = [];

    public static PrometheusText Parse(string text)
    {
        var parsed = new PrometheusText();
        var family = "";
        Assert.EndsWith("\n", text);
        foreach (var line in text.Split('\n')[..^1])
        {
            if (Meta().Match(line) is { Success: true } meta)
            {
                family = meta.Groups[2].Value;
                if (meta.Groups[1].Value == "TYPE")
                {
                    Assert.True(parsed.Types.TryAdd(family, meta.Groups[3].Value), $"second TYPE of {family}");
                    Assert.Contains(meta.Groups[3].Value, (string[])["counter", "gauge", "histogram"]);
                }

                continue;
            }

            var sample = Sample().Match(line);
            Assert.True(sample.Success, $"not a sample: {line}");
            var name = sample.Groups[1].Value;
            var suffixes = parsed.Types[family] == "histogram" ? new[] { "_bucket", "_sum", "_count" } : [""];
            Assert.Contains(name, suffixes.Select(suffix => family + suffix));
            var value = sample.Groups[3].Value switch { "+Inf" => double.PositiveInfinity, "-Inf" => double.NegativeInfinity, var number => double.Parse(number, CultureInfo.InvariantCulture) };
            Assert.True(parsed.Samples.TryAdd(name + sample.Groups[2].Value, value), $"second sample of {line}");
        }

        return parsed;
    }

    [GeneratedRegex(@"^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) ?(.*)$")]
    private static partial Regex Meta();

    [GeneratedRegex("""^([a-zA-Z_:][a-zA-Z0-9_:]*)((?:\{[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\n"])*"(?:,[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\n"])*")*\})?) ([-+]?(?:[0-9.]+(?:[eE][-+]?[0-9]+)?|Inf)|NaN)$""")]
    private static partial Regex Sample();
}
