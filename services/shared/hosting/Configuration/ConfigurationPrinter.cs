using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Dreamer.Hosting.Configuration;

/// <summary>Shows a resolved configuration.</summary>
public static partial class ConfigurationPrinter
{
    /// <summary>The whole tree as YAML; given back with <c>--settings</c> it resolves to the same values.</summary>
    public static string ToYaml(DreamerConfiguration configuration)
    {
        var text = new StringBuilder();
        if (configuration.Presets.Count > 0)
        {
            text.Append("# presets: ").AppendJoin(' ', configuration.Presets).Append('\n');
        }

        foreach (var section in configuration.Settings.GroupBy(setting => Split(setting.Key).Section))
        {
            text.Append(section.Key.Length == 0 ? "" : $"{section.Key}:\n");
            foreach (var setting in section)
            {
                text.Append(section.Key.Length == 0 ? "" : "  ").Append(Split(setting.Key).Name).Append(": ").Append(Scalar(setting)).Append('\n');
            }
        }

        return text.ToString();
    }

    /// <summary>Key, value and source in aligned columns, one setting a line.</summary>
    public static string ToTable(DreamerConfiguration configuration)
    {
        var keyWidth = configuration.Settings.Max(setting => setting.Key.Length);
        var valueWidth = Math.Min(40, configuration.Settings.Max(setting => setting.Value.Length));
        var text = new StringBuilder();
        foreach (var setting in configuration.Settings)
        {
            text.Append(setting.Key.PadRight(keyWidth)).Append("  ")
                .Append((setting.Value.Length == 0 ? "\"\"" : setting.Value).PadRight(valueWidth)).Append("  ")
                .Append(setting.Source).Append('\n');
        }

        return text.ToString();
    }

    private static (string Section, string Name) Split(string key)
    {
        var at = key.LastIndexOf('.');
        return at < 0 ? ("", key) : (key[..at], key[(at + 1)..]);
    }

    // JSON strings are YAML too.
    private static string Scalar(Setting setting) =>
        setting.Kind != SettingKind.Text || Plain().IsMatch(setting.Value) ? setting.Value : JsonSerializer.Serialize(setting.Value, JsonSerializerOptions.Web);

    [GeneratedRegex(@"^(?!(true|false|null|yes|no|on|off)$)[A-Za-z_/][A-Za-z0-9_./-]*$", RegexOptions.IgnoreCase)]
    private static partial Regex Plain();
}
