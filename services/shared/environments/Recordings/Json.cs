using System.Text.Json;

namespace Dreamer.Environments.Recordings;

/// <summary>Members of a recording, with errors that name them.</summary>
internal static class Json
{
    public static JsonElement Member(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member)
            ? member
            : throw new RecordingFormatException($"'{name}' is missing");

    public static IEnumerable<JsonElement> List(this JsonElement element, string name)
    {
        var member = element.Member(name);
        return member.ValueKind == JsonValueKind.Array ? member.EnumerateArray() : throw new RecordingFormatException($"'{name}' is not a list");
    }

    public static string Text(this JsonElement element, string name)
    {
        var member = element.Member(name);
        return member.ValueKind == JsonValueKind.String ? member.GetString()! : throw new RecordingFormatException($"'{name}' is not a text");
    }

    /// <summary>A number, a truth value, or lists of lists of them, flattened.</summary>
    public static double[] Numbers(this JsonElement element, string name) => element.Member(name).Numbers(name, []).ToArray();

    /// <inheritdoc cref="Numbers(JsonElement, string)"/>
    public static double[] Numbers(this JsonElement[] tuple, int index, string name) =>
        index < tuple.Length ? tuple[index].Numbers(name, []).ToArray() : throw new RecordingFormatException($"'{name}' is missing from a step");

    /// <summary>The seed of an episode.</summary>
    public static ulong Seed(this JsonElement element) => element.Member("seed") is { ValueKind: JsonValueKind.Number } number && number.TryGetUInt64(out var seed)
        ? seed
        : throw new RecordingFormatException($"'seed' is {element.Member("seed").GetRawText()} and not a whole number");

    /// <summary>A step that is a list.</summary>
    public static JsonElement[] Tuple(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? [.. element.EnumerateArray()] : throw new RecordingFormatException("a step of 'steps' is not a list");

    private static List<double> Numbers(this JsonElement value, string name, List<double> into)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Number:
                into.Add(value.GetDouble());
                break;
            case JsonValueKind.True or JsonValueKind.False:
                into.Add(value.GetBoolean() ? 1 : 0);
                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    item.Numbers(name, into);
                }

                break;
            case JsonValueKind.Object:
                foreach (var item in value.EnumerateObject())
                {
                    item.Value.Numbers(name, into);
                }

                break;
            default:
                throw new RecordingFormatException($"'{name}' holds {value.GetRawText()} where a number belongs");
        }

        return into;
    }
}
