using System.Diagnostics;

namespace Dreamer.Hosting.Tests.Telemetry;

/// <summary>Prometheus' own checks.</summary>
internal static class Promtool
{
    /// <summary>Runs it; a failure fails the test with what it said.</summary>
    public static async Task<string> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("promtool", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"promtool {string.Join(' ', arguments)}:\n{await output}\n{await errors}");
        return await output + await errors;
    }
}
