namespace Dreamer.Hosting.Telemetry;

/// <summary>Who writes a log.</summary>
/// <param name="Service">e.g. <c>dreamer-replay</c>.</param>
/// <param name="Run">Name of the run.</param>
/// <param name="Instance">Machine and process.</param>
internal sealed record JsonLogSource(string Service, string Run, string Instance);
