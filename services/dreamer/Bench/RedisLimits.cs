using System.Diagnostics;
using System.Globalization;
using StackExchange.Redis;

namespace Dreamer.Bench;

/// <summary>Plain SET of whole chunks and plain GET of a batch's own bytes on one connection, several commands on their way at once.</summary>
internal static class RedisLimits
{
    private const int InFlight = 4;
    private const int ValuesPerBatch = 16;

    /// <param name="endpoint"><c>host:port</c></param>
    /// <param name="stepBytes">Bytes of a step.</param>
    /// <param name="batchSteps">Steps of a batch.</param>
    /// <param name="capacity">Bytes after which keys are written again.</param>
    /// <param name="each">Time per direction.</param>
    /// <param name="cancellation">Ends the measurement.</param>
    public static async Task<ReplayLimits> MeasureAsync(
        string endpoint, int stepBytes, int batchSteps, long capacity, TimeSpan each, CancellationToken cancellation)
    {
        using var connection = await ConnectionMultiplexer.ConnectAsync(endpoint);
        var database = connection.GetDatabase();
        var chunk = new byte[stepBytes * ImageStream.ChunkSteps];
        new Random(0).NextBytes(chunk);
        var keys = (int)(capacity / chunk.Length);

        // The keys exist before the clock runs, as the replay is full before its clock runs.
        for (var key = 0; key < keys; key++)
        {
            await database.StringSetAsync($"limit:{key}", chunk);
        }

        var written = 0L;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, InFlight).Select(async lane =>
        {
            for (var key = lane; Stopwatch.GetElapsedTime(started) < each; key = (key + InFlight) % keys)
            {
                cancellation.ThrowIfCancellationRequested();
                await database.StringSetAsync($"limit:{key}", chunk);
                Interlocked.Add(ref written, ImageStream.ChunkSteps);
            }
        }));
        var stepsIn = written / Stopwatch.GetElapsedTime(started).TotalSeconds;

        var value = chunk.AsSpan(0, Math.Min(chunk.Length, stepBytes * batchSteps / ValuesPerBatch)).ToArray();
        for (var key = 0; key < ValuesPerBatch; key++)
        {
            await database.StringSetAsync($"limit:{key}", value);
        }

        var seconds = await Timing.SecondsAsync(
            each, () => Task.WhenAll(Enumerable.Range(0, ValuesPerBatch).Select(key => database.StringGetAsync($"limit:{key}"))), cancellation);
        await database.ExecuteAsync("FLUSHALL");
        return new ReplayLimits(stepsIn, 1 / Timing.Median(seconds));
    }

    /// <summary>Bytes that the server holds its data in.</summary>
    public static async Task<long> UsedMemoryAsync(string endpoint)
    {
        using var connection = await ConnectionMultiplexer.ConnectAsync(endpoint);
        var info = (string?)await connection.GetDatabase().ExecuteAsync("INFO", "memory") ?? "";
        var line = info.Split('\n').First(line => line.StartsWith("used_memory:", StringComparison.Ordinal));
        return long.Parse(line.Split(':')[1], CultureInfo.InvariantCulture);
    }
}
