using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Dreamer.Hosting.Edge.Tls;
using Dreamer.Local;
using Dreamer.Redis;

namespace Dreamer.Experience.Tests;

/// <summary>A real redis-server with an AOF on a free port, in a directory of its own.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly string[] _arguments;
    private Process? _process;

    private RedisServer(Func<int, string[]> arguments) => _arguments = arguments(Port);

    /// <summary>A socket in the server's directory, by which it is asked where its port speaks TLS.</summary>
    public const string SocketName = "redis.sock";

    public int Port { get; } = LocalPorts.Take();

    public string Endpoint => $"127.0.0.1:{Port}";

    /// <summary>How long a client waits for an answer: far longer than one takes on a busy machine, since it bounds a failure.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static Task<RedisServer> StartAsync(params string[] arguments) => StartAsync(_ => arguments);

    /// <summary>One that speaks TLS only; <see cref="AskAsync(string)"/> reaches it with <c>--unixsocket</c> and <see cref="SocketName"/>.</summary>
    public static Task<RedisServer> StartTlsAsync(CertificateAuthority files, params string[] more) => StartAsync(port =>
    [
        "--port", "0", "--tls-port", $"{port}", "--tls-cert-file", files["server.crt"], "--tls-key-file", files["server.key"], "--tls-ca-cert-file", files["ca.crt"], .. more,
    ]);

    private static async Task<RedisServer> StartAsync(Func<int, string[]> arguments)
    {
        var server = new RedisServer(arguments);
        await server.StartAsync();
        return server;
    }

    public RedisStoreOptions Options(string prefix = "rb", string password = "") =>
        new() { Endpoint = Endpoint, Prefix = prefix, Password = password, Timeout = Patience };

    public async Task StartAsync()
    {
        // While a flush to a slow disk lasts, Redis keeps acknowledged commits to itself: without flushes a kill takes nothing, and Tear what the test says.
        string[] common =
            ["--port", $"{Port}", "--bind", "127.0.0.1", "--dir", _directory.Path, "--appendonly", "yes", "--appendfsync", "no", "--save", "", "--maxmemory-policy", "noeviction"];
        _process = Process.Start(new ProcessStartInfo("redis-server", [.. common, .. _arguments])
        {
            RedirectStandardOutput = true,
        })!;
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal))
            {
                // Keep reading: a full pipe would stop the server.
                _ = _process.StandardOutput.ReadToEndAsync();
                return;
            }
        }

        throw new InvalidOperationException("redis-server did not start (Debian: apt install redis-server)");
    }

    /// <summary>Sends one command and returns the first line of the answer; an error fails.</summary>
    public Task<string> AskAsync(string command) => AskAsync(command, skip: 0);

    /// <summary>The first element of an answer that is a list.</summary>
    public Task<string> AskFirstAsync(string command) => AskAsync(command, skip: 1);

    private async Task<string> AskAsync(string command, int skip)
    {
        var local = Path.Combine(_directory.Path, SocketName);
        EndPoint address = File.Exists(local) ? new UnixDomainSocketEndPoint(local) : new IPEndPoint(IPAddress.Loopback, Port);
        using var client = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(address);
        await using var stream = new NetworkStream(client);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(command + "\r\n"));
        using var reader = new StreamReader(stream);
        for (; skip > 0; skip--)
        {
            await reader.ReadLineAsync();
        }

        var line = await reader.ReadLineAsync() ?? "";
        return line.StartsWith('-') ? throw new InvalidOperationException($"{command}: {line}") : line.StartsWith('$') && line != "$-1" ? await reader.ReadLineAsync() ?? "" : line;
    }

    /// <summary>Sends an inline command; returns the answer as it comes over the wire.</summary>
    public async Task<string> Ask(string command)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"{command}\r\nQUIT\r\n"));
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync();
        return answer.Replace("+OK", "", StringComparison.Ordinal).Trim();
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Forgets everything on disk; the server must be down.</summary>
    public void Wipe() => Directory.Delete(Path.Combine(_directory.Path, "appendonlydir"), recursive: true);

    /// <summary>Cuts bytes off the end of the newest AOF file, as a crash before the flush does; the server must be down.</summary>
    public void Tear(long bytes)
    {
        var file = Directory.GetFiles(Path.Combine(_directory.Path, "appendonlydir"), "*.incr.aof").Order().Last();
        using var stream = File.OpenWrite(file);
        stream.SetLength(Math.Max(0, stream.Length - bytes));
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync();
        }

        _directory.Dispose();
    }
}
