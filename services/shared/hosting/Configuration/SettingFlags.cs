namespace Dreamer.Hosting.Configuration;

/// <summary>The setting flags of a command line, in order.</summary>
/// <param name="Presets">Names after <c>--configs</c>.</param>
/// <param name="SettingsFile">File after <c>--settings</c>, or null.</param>
/// <param name="Overrides">Key and value of every other flag; a flag without a value has null.</param>
internal sealed record SettingFlags(List<string> Presets, string? SettingsFile, List<(string Key, string? Value)> Overrides)
{
    public static SettingFlags Parse(IReadOnlyList<string> arguments)
    {
        var presets = new List<string>();
        var overrides = new List<(string, string?)>();
        string? file = null;
        for (var i = 0; i < arguments.Count; i++)
        {
            if (!arguments[i].StartsWith("--", StringComparison.Ordinal) || arguments[i].Length < 3)
            {
                throw new ConfigurationException($"'{arguments[i]}' is not expected here: settings are written --key value, e.g. --seed 1.");
            }

            var parts = arguments[i][2..].Split('=', 2);
            var (key, value) = (parts[0], parts.Length == 2 ? parts[1] : null);
            if (key == "configs")
            {
                var names = value is null ? [] : new List<string> { value };
                while (value is null && HasValue(arguments, i + 1))
                {
                    names.Add(arguments[++i]);
                }

                presets.AddRange(names.Count > 0
                    ? names.SelectMany(name => name.Split(',', StringSplitOptions.RemoveEmptyEntries))
                    : throw new ConfigurationException("--configs needs the name of a preset, e.g. --configs cartpole."));
                continue;
            }

            if (value is null && HasValue(arguments, i + 1))
            {
                value = arguments[++i];
            }

            if (key == "settings")
            {
                file = value ?? throw new ConfigurationException("--settings needs a file, e.g. --settings dreamer.yaml.");
            }
            else
            {
                overrides.Add((key, value));
            }
        }

        return new SettingFlags(presets, file, overrides);
    }

    // A value may be a negative number but never another flag.
    private static bool HasValue(IReadOnlyList<string> arguments, int index) =>
        index < arguments.Count && !arguments[index].StartsWith("--", StringComparison.Ordinal);
}
