using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using StackExchange.Redis;

namespace Dreamer.Bench;

/// <summary>
/// Plain SET of whole chunks by the same client, several on their way at once, and plain GET of a batch's own bytes over a
/// bare socket, all requested at once.
/// </summary>
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
        using var connection = await ConnectAsync(endpoint);
        var database = connection.GetDatabase();
        var chunk = new byte[stepBytes * StepStream.ChunkSteps];
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
            var key = lane;
            do
            {
                cancellation.ThrowIfCancellationRequested();
                await database.StringSetAsync($"limit:{key}", chunk);
                Interlocked.Add(ref written, StepStream.ChunkSteps);
                key = (key + InFlight) % keys;
            }
            while (Stopwatch.GetElapsedTime(started) < each);
        }));
        var stepsIn = written / Stopwatch.GetElapsedTime(started).TotalSeconds;

        var value = chunk.AsSpan(0, Math.Min(chunk.Length, stepBytes * batchSteps / ValuesPerBatch)).ToArray();
        for (var key = 0; key < ValuesPerBatch; key++)
        {
            await database.StringSetAsync($"limit:{key}", value);
        }

        var seconds = await GetAsync(endpoint, value.Length, each, cancellation);
        await database.ExecuteAsync("FLUSHALL");
        return new ReplayLimits(stepsIn, 1 / Timing.Median(seconds));
    }

    private static async Task<List<double>> GetAsync(string endpoint, int valueBytes, TimeSpan each, CancellationToken cancellation)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPEndPoint.Parse(endpoint), cancellation);
        var requests = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, ValuesPerBatch).Select(key => $"GET limit:{key}\r\n")));
        var answers = new byte[ValuesPerBatch * (valueBytes + $"${valueBytes}\r\n\r\n".Length)];
        return await Timing.SecondsAsync(
            each,
            async () =>
            {
                await socket.SendAsync(requests, cancellation);
                for (var at = 0; at < answers.Length;)
                {
                    at += await socket.ReceiveAsync(answers.AsMemory(at), cancellation);
                }
            },
            cancellation);
    }

    private static async Task<ConnectionMultiplexer> ConnectAsync(string endpoint)
    {
        var patience = (int)BenchRedis.Patience.TotalMilliseconds;
        return await ConnectionMultiplexer.ConnectAsync($"{endpoint},allowAdmin=true,connectTimeout={patience},syncTimeout={patience}");
    }

    /// <summary>Bytes that the server holds its data in.</summary>
    public static async Task<long> UsedMemoryAsync(string endpoint)
    {
        using var connection = await ConnectAsync(endpoint);
        var info = (string?)await connection.GetDatabase().ExecuteAsync("INFO", "memory") ?? "";
        var line = info.Split('\n').First(line => line.StartsWith("used_memory:", StringComparison.Ordinal));
        return long.Parse(line.Split(':')[1], CultureInfo.InvariantCulture);
    }
}
