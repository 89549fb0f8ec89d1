namespace Dreamer.Hosting.Edge;

/// <summary>Asks a health endpoint from the command line, for container health checks (images hold no curl).</summary>
public static class HealthProbe
{
    /// <summary>0 when the URL answers with success in time, else 1 with the reason on <paramref name="errors"/>.</summary>
    /// <param name="url">To get.</param>
    /// <param name="errors">For a person.</param>
    /// <param name="patience">Longest wait for the answer; 3 s if not given.</param>
    /// <param name="cancellation">Ends the wait with an exception.</param>
    public static async Task<int> RunAsync(string url, TextWriter errors, TimeSpan? patience = null, CancellationToken cancellation = default)
    {
        try
        {
            using var client = new HttpClient { Timeout = patience ?? TimeSpan.FromSeconds(3) };
            using var response = await client.GetAsync(url, cancellation);
            if (response.IsSuccessStatusCode)
            {
                return ExitCode.Success;
            }

            await errors.WriteLineAsync($"{url} answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellation)}");
        }
        catch (Exception error) when (error is HttpRequestException or InvalidOperationException or UriFormatException
            || (error is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            await errors.WriteLineAsync($"{url} cannot be asked: {error.Message}");
        }

        return ExitCode.Failure;
    }
}
