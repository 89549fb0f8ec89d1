namespace Dreamer.Hosting;

/// <summary>Something that the person at the keyboard can put right: printed as one line that names the setting and the remedy.</summary>
public class UserErrorException(string message, int exitCode = ExitCode.Failure, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>What the process returns.</summary>
    public int ExitCode { get; } = exitCode;
}
