using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Dreamer.Testing;

/// <summary>A TCP relay on loopback that does on request what networks do.</summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<Link> _links = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly EndPoint _target;
    private readonly Task _accepting;
    private TaskCompletionSource _open = new();

    // Of all connections together.
    private readonly Lock _changes = new();
    private int _swallow;
    private int _flip = -1;
    private int _flipped;

    /// <param name="target"><c>host:port</c> behind it.</param>
    public FaultProxy(string target)
    {
        _target = IPEndPoint.Parse(target);
        _open.SetResult();
        _listener.Start();
        Address = _listener.LocalEndpoint.ToString()!;
        _accepting = AcceptAsync();
    }

    /// <summary><c>host:port</c> that clients connect to.</summary>
    public string Address { get; }

    /// <summary>Everything arrives so much later, in both directions.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Bytes that were changed.</summary>
    public int Flipped
    {
        get
        {
            lock (_changes)
            {
                return _flipped;
            }
        }
    }

    /// <summary>A partition: connections stay, and nothing passes until <see cref="Heal"/>.</summary>
    public void Partition() => _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends a partition; what was on its way goes on.</summary>
    public void Heal() => _open.TrySetResult();

    /// <summary>Connections break with a reset on both sides.</summary>
    public void Reset()
    {
        foreach (var link in _links)
        {
            link.Reset();
        }
    }

    /// <summary>The servers' sides end, and the clients hear nothing of it, then or later.</summary>
    public void HalfOpen()
    {
        foreach (var link in _links)
        {
            link.HalfOpen();
        }
    }

    /// <summary>The clients' sides of all connections so far break; what they had sent arrives at <see cref="Deliver"/>, not before.</summary>
    public void Strand()
    {
        foreach (var link in _links)
        {
            link.Strand();
        }
    }

    /// <summary>What was stranded arrives.</summary>
    public void Deliver()
    {
        foreach (var link in _links)
        {
            link.Deliver();
        }
    }

    /// <summary>The next bytes that clients send never arrive.</summary>
    public void SwallowNext(int bytes)
    {
        lock (_changes)
        {
            _swallow = bytes;
        }
    }

    /// <summary>After so many bytes more to clients one of them is changed.</summary>
    public void FlipAfter(int bytes)
    {
        lock (_changes)
        {
            _flip = bytes;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        Heal();
        Deliver();
        Reset();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_stop.Token);
                var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                client.NoDelay = true;
                try
                {
                    await server.ConnectAsync(_target, _stop.Token);
                    _links.Add(new Link(this, client, server));
                }
                catch (SocketException)
                {
                    client.Dispose();
                }
            }
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // The proxy is closed: whichever of token, listener and socket says so first.
        }
    }

    private byte[] Swallow(byte[] bytes)
    {
        lock (_changes)
        {
            var taken = Math.Min(_swallow, bytes.Length);
            _swallow -= taken;
            return bytes[taken..];
        }
    }

    private byte[] Flip(byte[] bytes)
    {
        lock (_changes)
        {
            if (_flip >= bytes.Length)
            {
                _flip -= bytes.Length;
            }
            else if (_flip >= 0)
            {
                bytes[_flip] ^= 0x10;
                _flip = -1;
                _flipped++;
            }
        }

        return bytes;
    }

    /// <summary>One connection. Reading and writing are apart, so that what was sent before a partition is on its way.</summary>
    private sealed class Link
    {
        private readonly FaultProxy _proxy;
        private readonly Socket _client;
        private readonly Socket _server;
        private TaskCompletionSource _stranded = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile bool _mute;

        public Link(FaultProxy proxy, Socket client, Socket server)
        {
            (_proxy, _client, _server) = (proxy, client, server);
            _stranded.SetResult();
            _ = RelayAsync(client, server, proxy.Swallow);
            _ = RelayAsync(server, client, proxy.Flip);
        }

        public void Reset()
        {
            Abort(_client);
            Abort(_server);
        }

        public void HalfOpen()
        {
            _mute = true;
            Abort(_server);
        }

        public void Strand()
        {
            _stranded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Abort(_client);
        }

        public void Deliver() => _stranded.TrySetResult();

        /// <summary>A delay is of each piece: it does not add up over those that came together.</summary>
        private static async Task UntilAsync(long came, TimeSpan delay)
        {
            while (delay - Stopwatch.GetElapsedTime(came) is { Ticks: > 0 } left)
            {
                await Task.Delay(left);
            }
        }

        private static void Abort(Socket socket)
        {
            try
            {
                socket.LingerState = new LingerOption(true, 0);
                socket.Close();
            }
            catch (ObjectDisposedException)
            {
                // Closed before.
            }
        }

        private async Task RelayAsync(Socket from, Socket to, Func<byte[], byte[]> change)
        {
            var passing = Channel.CreateUnbounded<(byte[] Bytes, long Came)>();
            var writing = WriteAsync(passing.Reader, to, change);
            var buffer = new byte[64 << 10];
            try
            {
                while (await from.ReceiveAsync(buffer) is > 0 and var count)
                {
                    passing.Writer.TryWrite((buffer[..count], Stopwatch.GetTimestamp()));
                }
            }
            catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
            {
                // Broken, or closed here.
            }

            passing.Writer.Complete();
            await writing;
        }

        private async Task WriteAsync(ChannelReader<(byte[] Bytes, long Came)> passing, Socket to, Func<byte[], byte[]> change)
        {
            try
            {
                await foreach (var (bytes, came) in passing.ReadAllAsync())
                {
                    await UntilAsync(came, _proxy.Delay);
                    await _proxy._open.Task;
                    await _stranded.Task;
                    if (!_mute)
                    {
                        await to.SendAsync(change(bytes));
                    }
                }

                if (!_mute)
                {
                    to.Shutdown(SocketShutdown.Send);
                }
            }
            catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
            {
                // Broken, or closed here.
            }
        }
    }
}
