namespace Dreamer.System.Tests.Processes;

/// <summary>The <c>dreamer</c> command as a process.</summary>
internal static class DreamerCommand
{
    /// <summary>The program that was built with these tests.</summary>
    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "dreamer.dll");

    /// <summary>Starts it in a directory; one thread for tensors, so that several of them share two cores well.</summary>
    public static ChildProcess Start(string directory, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null) =>
        ChildProcess.Start(
            "dotnet", [Program, .. arguments], directory,
            new Dictionary<string, string>(environment ?? new Dictionary<string, string>()) { ["DREAMER__THREADS"] = "1" });

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(string directory, params string[] arguments)
    {
        await using var process = Start(directory, arguments);
        return (await process.ExitAsync(), process.Output, process.Errors);
    }

    /// <summary>The one line that a person is shown; fails where there is a stack trace, or not exactly one.</summary>
    public static string ErrorLine(string errors)
    {
        Assert.DoesNotContain("unexpected error", errors);
        Assert.DoesNotContain("   at ", errors);
        return Assert.Single(errors.Split('\n'), line => line.StartsWith("error: ", StringComparison.Ordinal)).Trim();
    }
}
