using System.Globalization;

namespace Dreamer.Hosting.Configuration;

/// <summary>How the text of a setting is read: <c>5e6</c>, <c>5_000_000</c> and <c>4GiB</c> are integers too.</summary>
internal static class SettingText
{
    private static readonly (string Suffix, long Factor)[] Sizes =
        [("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40)];

    public static SettingKind KindOf(string text) =>
        text is "true" or "false" ? SettingKind.Boolean
        : text.Length == 0 || !(char.IsAsciiDigit(text[0]) || text[0] == '-') ? SettingKind.Text
        : !text.Contains('.') && TryInteger(text, out _) ? SettingKind.Integer
        : TryReal(text, out _) ? SettingKind.Real
        : SettingKind.Text;

    public static bool Fits(string text, SettingKind kind) => kind switch
    {
        SettingKind.Integer => TryInteger(text, out _),
        SettingKind.Real => TryReal(text, out _),
        SettingKind.Boolean => TryBoolean(text, out _),
        _ => true,
    };

    public static string Describe(SettingKind kind) => kind switch
    {
        SettingKind.Integer => "an integer",
        SettingKind.Real => "a number",
        SettingKind.Boolean => "true or false",
        _ => "text",
    };

    public static bool TryInteger(string text, out long value)
    {
        text = text.Replace("_", "");
        foreach (var (suffix, factor) in Sizes)
        {
            if (text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
            {
                return Whole(text[..^suffix.Length], factor, out value);
            }
        }

        return Whole(text, 1, out value);
    }

    public static bool TryReal(string text, out double value) =>
        double.TryParse(text.Replace("_", ""), NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    public static bool TryBoolean(string text, out bool value) => bool.TryParse(text, out value);

    private static bool Whole(string text, long factor, out long value)
    {
        value = 0;
        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        try
        {
            number *= factor;
            value = (long)number;
        }
        catch (OverflowException)
        {
            return false;
        }

        return value == number;
    }
}
