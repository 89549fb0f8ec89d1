namespace Dreamer.Hosting;

/// <summary>What a process of this project returns.</summary>
public static class ExitCode
{
    public const int Success = 0;

    /// <summary>The work failed.</summary>
    public const int Failure = 1;

    /// <summary>The command line or the configuration cannot be understood.</summary>
    public const int Usage = 2;

    /// <summary>Ctrl+C.</summary>
    public const int Interrupted = 130;
}
