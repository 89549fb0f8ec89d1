namespace Dreamer.Hosting.Settings;

/// <summary>How a line of the log is written.</summary>
public enum LogFormat
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>One JSON object per line, for programs.</summary>
    Json,
}
