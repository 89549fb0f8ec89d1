namespace Dreamer.Hosting.Configuration;

/// <summary>A setting, a preset or a value that is unknown or out of range; exit code 2.</summary>
public sealed class ConfigurationException(string message, Exception? cause = null)
    : UserErrorException(message, Hosting.ExitCode.Usage, cause);
