using System.Collections.Immutable;
using System.Globalization;
using V1 = Dreamer.Remote.V1;

namespace Dreamer.Remote.Client;

/// <summary>Settings of a world as the configuration writes them: <c>KEY=VALUE</c>.</summary>
internal static class RemoteSettings
{
    /// <summary>Tensors by name; a value is true or false, an integer (int64), a number (float64), else text.</summary>
    public static IEnumerable<KeyValuePair<string, V1.Tensor>> Parse(ImmutableArray<string> settings) =>
        from setting in settings
        let at = setting.IndexOf('=')
        select KeyValuePair.Create(setting[..at].Trim(), Value(setting[(at + 1)..].Trim()));

    private static V1.Tensor Value(string text) =>
        bool.TryParse(text, out var flag) ? new() { Bools = new() { Array = { flag } } }
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? Tensors.OfIntegers(V1.DataType.Int64, whole)
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) ? Tensors.OfReals(V1.DataType.Double, real)
        : new() { Strings = new() { Array = { text } } };
}
