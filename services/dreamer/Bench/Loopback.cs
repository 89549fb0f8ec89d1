using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Dreamer.Bench;

/// <summary>Plain TCP on this machine: what any protocol over it could reach.</summary>
internal static class Loopback
{
    private const int PieceBytes = 1 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Completes when somebody listens at the port.</summary>
    /// <param name="port">On 127.0.0.1.</param>
    /// <param name="server">What is to listen; its failure is thrown.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="TimeoutException">Nobody did within two minutes.</exception>
    public static async Task AnswersAsync(int port, Task server, CancellationToken cancellation)
    {
        for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < Patience;)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, port, cancellation);
                return;
            }
            catch (SocketException)
            {
                await await Task.WhenAny(server, Task.Delay(20, cancellation));
            }
        }

        throw new TimeoutException($"nobody listens at 127.0.0.1:{port} after {Patience.TotalSeconds} s");
    }

    /// <summary>
    /// Seconds, sorted, that some bytes take from a sender to a relay that waits for all of them, and from there to every
    /// receiver side by side.
    /// </summary>
    public static async Task<List<double>> RelayAsync(int bytes, int receivers, TimeSpan duration, CancellationToken cancellation)
    {
        var pairs = new List<(Socket From, Socket To, byte[] Buffer)>();
        try
        {
            var buffer = new byte[bytes];
            for (var i = 0; i <= receivers; i++)
            {
                var (from, to) = await ConnectAsync(cancellation);
                pairs.Add((from, to, buffer));
            }

            return await Timing.SecondsAsync(
                duration,
                async () =>
                {
                    await CopyAsync(pairs[0], cancellation);
                    await Task.WhenAll(pairs.Skip(1).Select(pair => Task.Run(() => CopyAsync(pair, cancellation), cancellation)));
                },
                cancellation);
        }
        finally
        {
            foreach (var (from, to, _) in pairs)
            {
                from.Dispose();
                to.Dispose();
            }
        }
    }

    /// <summary>Bytes per second through some connections at once.</summary>
    public static async Task<double> StreamAsync(int connections, TimeSpan duration, CancellationToken cancellation)
    {
        var pairs = new List<(Socket From, Socket To)>();
        try
        {
            while (pairs.Count < connections)
            {
                pairs.Add(await ConnectAsync(cancellation));
            }

            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var bytes = 0L;
            var started = Stopwatch.GetTimestamp();
            var copying = Task.WhenAll(pairs.SelectMany(pair => new[]
            {
                Task.Run(() => RepeatAsync(piece => pair.From.SendAsync((ReadOnlyMemory<byte>)piece, over.Token)), CancellationToken.None),
                Task.Run(() => RepeatAsync(async piece => Interlocked.Add(ref bytes, await pair.To.ReceiveAsync(piece, over.Token))), CancellationToken.None),
            }));
            do
            {
                await Task.Delay(duration, cancellation);
            }
            while (Interlocked.Read(ref bytes) == 0);
            await over.CancelAsync();
            await copying;
            return bytes / Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
        finally
        {
            foreach (var (from, to) in pairs)
            {
                from.Dispose();
                to.Dispose();
            }
        }
    }

    private static async Task RepeatAsync<T>(Func<Memory<byte>, ValueTask<T>> step)
    {
        var piece = new byte[PieceBytes / 4];
        try
        {
            while (true)
            {
                await step(piece);
            }
        }
        catch (OperationCanceledException)
        {
            // The time is over.
        }
    }

    private static async Task<(Socket From, Socket To)> ConnectAsync(CancellationToken cancellation)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var from = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await from.ConnectAsync(listener.LocalEndpoint, cancellation);
        return (from, await listener.AcceptSocketAsync(cancellation));
    }

    private static async Task CopyAsync((Socket From, Socket To, byte[] Buffer) pair, CancellationToken cancellation)
    {
        var sending = Task.Run(
            async () =>
            {
                for (var at = 0; at < pair.Buffer.Length;)
                {
                    at += await pair.From.SendAsync(pair.Buffer.AsMemory(at, Math.Min(PieceBytes, pair.Buffer.Length - at)), cancellation);
                }
            },
            cancellation);
        var scratch = new byte[PieceBytes];
        for (var at = 0; at < pair.Buffer.Length;)
        {
            at += await pair.To.ReceiveAsync(scratch, cancellation);
        }

        await sending;
    }
}
