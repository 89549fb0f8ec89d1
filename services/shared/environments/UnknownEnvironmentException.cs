using Dreamer.Spaces;

namespace Dreamer.Environments;

/// <summary>No environment has this name; the message gives the nearest one that exists, or all of them.</summary>
public sealed class UnknownEnvironmentException(string name, IReadOnlyCollection<string> known) : ArgumentException(Explain(name, known)), IPlainError
{
    private static string Explain(string name, IReadOnlyCollection<string> known) => Suggest.Nearest(name, known) is { } nearest
        ? $"There is no environment '{name}'. Did you mean '{nearest}'?"
        : $"There is no environment '{name}'. There are: {string.Join(", ", known)}.";
}
