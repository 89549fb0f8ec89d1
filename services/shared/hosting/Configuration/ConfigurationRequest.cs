using System.Collections;

namespace Dreamer.Hosting.Configuration;

/// <summary>What <see cref="ConfigurationLoader.Load"/> reads.</summary>
/// <param name="Arguments">Setting flags only (<c>--configs a b</c>, <c>--settings FILE</c>, <c>--key value</c>, <c>--key=value</c>); a command takes out its own first.</param>
public sealed record ConfigurationRequest(IReadOnlyList<string> Arguments)
{
    /// <summary>Presets applied before those of <c>--configs</c>, e.g. a command's own default.</summary>
    public IReadOnlyList<string> Presets { get; init; } = [];

    /// <summary>Environment variables; those that begin with <c>DREAMER__</c> are settings.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = System.Environment.GetEnvironmentVariables()
        .Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "");

    /// <summary>Where <c>dreamer.yaml</c> is looked for and relative paths start.</summary>
    public string WorkingDirectory { get; init; } = Directory.GetCurrentDirectory();

    /// <summary>Told of every line of the settings file that names no setting any more, or gives one a value of another kind; null refuses such a file.</summary>
    public Action<string>? Retired { get; init; }

    /// <summary>Flags of the command itself (with dashes), so that a misspelt one gets the right suggestion.</summary>
    public IReadOnlyCollection<string> CommandFlags { get; init; } = [];
}
