using System.Buffers;
using System.Buffers.Text;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using StackExchange.Redis;

namespace Dreamer.Redis;

/// <summary>
/// A connection of its own to a shard, which gets big values: requests leave together, and each answer is received where it will be
/// read, which the client library has no way to say. Not thread safe. It connects when it is used; after any failure,
/// disposing it closes the connection and the next use opens another.
/// </summary>
internal sealed class BulkConnection(RedisStoreOptions options) : IDisposable
{
    private const int DefaultPort = 6379;
    private const int ReceiveBytes = 256 << 10;

    private readonly byte[] _prefix = Encoding.UTF8.GetBytes(options.Key("c:"));
    private readonly ArrayBufferWriter<byte> _requests = new();
    private readonly byte[] _received = new byte[16 << 10];
    private Socket? _socket;
    private Stream? _stream;
    private string? _movedTo;
    private int _seed;
    private int _from;
    private int _to;

    /// <summary>Adds <c>GETRANGE key first last</c> of a chunk or its rest, the last byte included, -1 being the end of the value.</summary>
    public void GetRange(long id, bool rest, int first, int last)
    {
        _requests.Write("*4\r\n$8\r\nGETRANGE\r\n"u8);
        Key(id, rest);
        Argument(first);
        Argument(last);
    }

    /// <summary>Adds <c>STRLEN key</c>.</summary>
    public void Length(long id, bool rest)
    {
        _requests.Write("*2\r\n$6\r\nSTRLEN\r\n"u8);
        Key(id, rest);
    }

    /// <summary>Asks at once for a text; null where there is none.</summary>
    public async ValueTask<string?> AskAsync(CancellationToken cancellation, params string[] words)
    {
        var length = await AskNumberAsync(cancellation, words);
        if (length < 0)
        {
            return null;
        }

        var text = new byte[length];
        await ReadAsync(text, cancellation);
        return Encoding.UTF8.GetString(text);
    }

    /// <summary>Asks at once for a number.</summary>
    /// <exception cref="IOException">The server answers with an error.</exception>
    public async ValueTask<int> AskNumberAsync(CancellationToken cancellation, params string[] words)
    {
        _requests.Write("*"u8);
        Number(words.Length);
        _requests.Write("\r\n"u8);
        foreach (var word in words)
        {
            Argument(Encoding.UTF8.GetBytes(word));
        }

        await SendAsync(cancellation);
        return await NextAsync(cancellation);
    }

    /// <summary>Sends what was added.</summary>
    public async ValueTask SendAsync(CancellationToken cancellation)
    {
        if (_requests.WrittenCount == 0)
        {
            return;
        }

        if (_stream is null)
        {
            await ConnectAsync(cancellation);
        }

        await _stream!.WriteAsync(_requests.WrittenMemory, cancellation);
        _requests.ResetWrittenCount();
    }

    /// <summary>The number that comes next: an answer by itself, or the length of a value, 0 where there is none.</summary>
    /// <exception cref="IOException">The server ended the connection, or answers with an error.</exception>
    /// <exception cref="ShardMovedException">The shard lies on another node of the cluster: the next use goes there.</exception>
    public async ValueTask<int> NextAsync(CancellationToken cancellation)
    {
        int end;
        while ((end = _received.AsSpan(_from, _to - _from).IndexOf("\r\n"u8)) < 0)
        {
            _received.AsSpan(_from, _to - _from).CopyTo(_received);
            (_from, _to) = (0, _to - _from);
            _to += await ReceiveAsync(_received.AsMemory(_to), cancellation);
        }

        var line = _received.AsSpan(_from, end);
        _from += end + 2;
        return line[0] is (byte)'$' or (byte)':' && Utf8Parser.TryParse(line[1..], out int length, out _) ? length : throw Refusal(Encoding.UTF8.GetString(line[1..]));
    }

    /// <summary>Receives the value whose length was just told.</summary>
    public async ValueTask ReadAsync(Memory<byte> into, CancellationToken cancellation)
    {
        while (into.Length > 0)
        {
            if (_from < _to)
            {
                var ready = Math.Min(into.Length, _to - _from);
                _received.AsMemory(_from, ready).CopyTo(into);
                (into, _from) = (into[ready..], _from + ready);
            }
            else
            {
                into = into[await ReceiveAsync(into, cancellation)..];
            }
        }

        for (var left = 2; left > 0;)
        {
            if (_from == _to)
            {
                (_from, _to) = (0, await ReceiveAsync(_received, cancellation));
            }

            var end = Math.Min(left, _to - _from);
            (left, _from) = (left - end, _from + end);
        }
    }

    /// <summary>The other end does not answer in TLS.</summary>
    public static AuthenticationException NoHandshake(RedisStoreOptions options) => new($"no answer to the handshake within {options.Timeout.TotalSeconds:0} s");

    /// <summary>After a failure: the next use asks another node that is named, which knows where the shard lies now.</summary>
    public void StartOver()
    {
        Dispose();
        (_movedTo, _seed) = (null, _seed + 1);
    }

    public void Dispose()
    {
        _stream?.Dispose();
        _socket?.Dispose();
        (_stream, _socket, _from, _to) = (null, null, 0, 0);
        _requests.ResetWrittenCount();
    }

    private async Task ConnectAsync(CancellationToken cancellation)
    {
        _socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = ReceiveBytes };
        var addresses = options.Addresses;
        var endpoint = Endpoint(_movedTo ?? addresses[_seed % addresses.Length]);
        await _socket.ConnectAsync(endpoint, cancellation);
        _stream = await SecureAsync(new NetworkStream(_socket), endpoint, cancellation);
        if (options.Password.Length == 0)
        {
            return;
        }

        string[] words = options.User.Length == 0 ? ["AUTH", options.Password] : ["AUTH", options.User, options.Password];
        var login = string.Concat(words.Select(word => $"${Encoding.UTF8.GetByteCount(word)}\r\n{word}\r\n"));
        await _stream.WriteAsync(Encoding.UTF8.GetBytes($"*{words.Length}\r\n{login}"), cancellation);
        var answer = new byte[512];
        var length = 0;
        while (!answer.AsSpan(0, length).EndsWith("\r\n"u8))
        {
            length += await ReceiveAsync(answer.AsMemory(length), cancellation);
        }

        if (answer[0] != '+')
        {
            throw new IOException(Encoding.UTF8.GetString(answer, 1, length - 1).Trim());
        }
    }

    private async ValueTask<Stream> SecureAsync(Stream plain, EndPoint endpoint, CancellationToken cancellation)
    {
        if (options.Tls is not { } tls)
        {
            return plain;
        }

        var secure = new SslStream(plain);
        _stream = secure;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(options.Timeout);
        try
        {
            await secure.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = endpoint is DnsEndPoint name ? name.Host : ((IPEndPoint)endpoint).Address.ToString(),
                    LocalCertificateSelectionCallback = tls.LocalCertificateSelectionCallback,
                    RemoteCertificateValidationCallback = tls.RemoteCertificateValidationCallback,
                },
                patience.Token);
            return secure;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // Redis without TLS waits for the end of a line.
            throw NoHandshake(options);
        }
    }

    private async ValueTask<int> ReceiveAsync(Memory<byte> into, CancellationToken cancellation)
    {
        var received = await _stream!.ReadAsync(into, cancellation);
        return received > 0 ? received : throw new EndOfStreamException("the server closed the connection");
    }

    private IOException Refusal(string answer)
    {
        // MOVED slot host:port
        if (answer.Split(' ') is not ["MOVED", _, var address])
        {
            return new IOException(answer);
        }

        _movedTo = address;
        return new ShardMovedException(answer);
    }

    private void Key(long id, bool rest)
    {
        Span<byte> key = stackalloc byte[_prefix.Length + 20 + ValueSplit.RestSuffix.Length];
        _prefix.CopyTo(key);
        Utf8Formatter.TryFormat(id, key[_prefix.Length..], out var digits);
        var length = _prefix.Length + digits;
        if (rest)
        {
            length += Encoding.UTF8.GetBytes(ValueSplit.RestSuffix, key[length..]);
        }

        Argument(key[..length]);
    }

    private void Argument(ReadOnlySpan<byte> text)
    {
        _requests.Write("$"u8);
        Number(text.Length);
        _requests.Write("\r\n"u8);
        _requests.Write(text);
        _requests.Write("\r\n"u8);
    }

    private void Argument(int value)
    {
        Span<byte> digits = stackalloc byte[11];
        Utf8Formatter.TryFormat(value, digits, out var length);
        Argument(digits[..length]);
    }

    private void Number(int value)
    {
        Utf8Formatter.TryFormat(value, _requests.GetSpan(11), out var length);
        _requests.Advance(length);
    }

    private static EndPoint Endpoint(string text) => ConfigurationOptions.Parse(text).EndPoints[0] switch
    {
        IPEndPoint { Port: 0 } address => new IPEndPoint(address.Address, DefaultPort),
        DnsEndPoint { Port: 0 } name => new DnsEndPoint(name.Host, DefaultPort),
        var endpoint => endpoint,
    };
}
