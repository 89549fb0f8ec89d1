using System.Globalization;

namespace Dreamer.Spaces;

/// <summary>What an agent chooses at each step.</summary>
public enum ActionKind : byte
{
    /// <summary>A vector in [-1, 1]; environments rescale it to their own bounds.</summary>
    Continuous = 1,

    /// <summary>One of <see cref="ActionSpec.Size"/> choices, carried as a one-hot vector.</summary>
    Discrete = 2,
}

/// <summary>
/// Action space. Everywhere between an environment and a gradient an action is one float32 vector of
/// <paramref name="Size"/> elements: one-hot when discrete, in [-1, 1] when continuous.
/// </summary>
public sealed record ActionSpec(ActionKind Kind, int Size)
{
    /// <summary>Number of discrete choices or of continuous dimensions, at least 1.</summary>
    public int Size { get; } = Size > 0 ? Size : throw new ArgumentOutOfRangeException(nameof(Size), Size, "an action has at least one element");

    public override string ToString() => $"{Kind.ToString().ToLowerInvariant()}:{Size}";

    /// <summary>Reads <c>continuous:6</c> or <c>discrete:18</c>.</summary>
    /// <exception cref="FormatException">The text has another form; the message shows the right one.</exception>
    public static ActionSpec Parse(string text)
    {
        var parts = text.Split(':');
        return parts.Length == 2 && Enum.TryParse<ActionKind>(parts[0], ignoreCase: true, out var kind) && Enum.IsDefined(kind)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0
            ? new ActionSpec(kind, size)
            : throw new FormatException($"'{text}' is not an action space: write continuous:6 or discrete:18.");
    }
}
