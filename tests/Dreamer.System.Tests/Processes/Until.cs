using System.Diagnostics;

namespace Dreamer.System.Tests.Processes;

/// <summary>Waits for something that another process does.</summary>
internal static class Until
{
    /// <summary>Far longer than anything takes: it bounds a failure, not a success.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(50);

    /// <exception cref="TimeoutException">It did not happen; the message holds <paramref name="context"/>.</exception>
    public static async Task HoldsAsync(string what, Func<Task<bool>> condition, Func<string>? context = null)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(start) > Limit)
            {
                throw new TimeoutException($"not within {Limit}: {what}\n{context?.Invoke()}");
            }

            await Task.Delay(Period);
        }
    }

    /// <inheritdoc cref="HoldsAsync(string, Func{Task{bool}}, Func{string}?)"/>
    public static Task HoldsAsync(string what, Func<bool> condition, Func<string>? context = null) =>
        HoldsAsync(what, () => Task.FromResult(condition()), context);
}
