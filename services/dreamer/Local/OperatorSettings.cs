using Dreamer.Hosting.Configuration;

namespace Dreamer.Local;

/// <summary>How an operator reaches the services of a run on this machine: <c>LOGDIR/up/operator.yaml</c>, a settings file.</summary>
internal static class OperatorSettings
{
    private const string Prefix = "DREAMER__";

    /// <summary>Where it lies.</summary>
    public static string PathIn(string logdir) => Path.Combine(logdir, "up", "operator.yaml");

    /// <summary>Writes down settings that processes get as environment variables; secrets are among them as paths only.</summary>
    public static void Write(string logdir, IReadOnlyDictionary<string, string> environment)
    {
        var lines = environment.Where(variable => variable.Key.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(variable => $"{variable.Key[Prefix.Length..].ToLowerInvariant().Replace("__", ".", StringComparison.Ordinal)}: '{variable.Value.Replace("'", "''", StringComparison.Ordinal)}'");
        File.WriteAllLines(PathIn(logdir), lines);
    }

    /// <summary>Flags that name the file, none where there is no such run.</summary>
    public static IReadOnlyList<string> Flags(string logdir) => File.Exists(PathIn(logdir)) ? ["--settings", PathIn(logdir)] : [];
}
