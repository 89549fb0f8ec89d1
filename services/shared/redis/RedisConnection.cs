using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using Dreamer.Experience;
using StackExchange.Redis;

namespace Dreamer.Redis;

/// <summary>One connection with clear errors: every failure names the setting that helps.</summary>
internal sealed class RedisConnection : IAsyncDisposable
{
    private readonly RedisStoreOptions _options;
    private readonly ConnectionMultiplexer _multiplexer;
    private int _disposed;

    private RedisConnection(RedisStoreOptions options, ConnectionMultiplexer multiplexer)
    {
        (_options, _multiplexer) = (options, multiplexer);
        Database = multiplexer.GetDatabase();
    }

    public IDatabase Database { get; }

    /// <summary>Whether the server is a node of a Redis Cluster.</summary>
    public bool Cluster { get; private set; }

    public static async Task<RedisConnection> OpenAsync(RedisStoreOptions options, CancellationToken cancellation)
    {
        try
        {
            var configuration = Configure(options);
            configuration.AbortOnConnectFail = true;
            configuration.ConnectRetry = 1;
            configuration.ConnectTimeout = configuration.SyncTimeout = (int)options.Timeout.TotalMilliseconds;
            configuration.ClientName = "dreamer";
            // Newer clients count INFO among an administrator's commands. What a user may do is the server's to say.
            configuration.AllowAdmin = true;
            configuration.Password = options.Password.Length == 0 ? null : options.Password;
            var multiplexer = await ConnectionMultiplexer.ConnectAsync(configuration).WaitAsync(cancellation);
            var connection = new RedisConnection(options, multiplexer);
            try
            {
                await connection.CheckServerAsync(cancellation);
                return connection;
            }
            catch
            {
                await connection.DisposeAsync();
                throw;
            }
        }
        catch (Exception error) when (error is RedisException or TimeoutException or ArgumentException)
        {
            throw Translate(options, await ReasonAsync(options, cancellation) ?? error);
        }
    }

    /// <summary>Awaits a command; errors become the store's.</summary>
    public async Task<T> Run<T>(Task<T> command, CancellationToken cancellation)
    {
        try
        {
            return await command.WaitAsync(_options.Timeout, cancellation);
        }
        catch (Exception error) when (error is RedisException or RedisCommandException or TimeoutException)
        {
            throw Translate(_options, error);
        }
    }

    /// <summary>The fields of an answer to INFO.</summary>
    public static Dictionary<string, string> Info(string text) =>
        text.Split('\n', StringSplitOptions.TrimEntries)
            .Select(line => line.Split(':', 2))
            .Where(parts => parts.Length == 2)
            .ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _multiplexer.CloseAsync(allowCommandsToComplete: false);
        _multiplexer.Dispose();
    }

    // The client library says of most connections that do not come only that they do not.
    private static async Task<Exception?> ReasonAsync(RedisStoreOptions options, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(options.Timeout);
        using var connection = new BulkConnection(options);
        try
        {
            await connection.AskNumberAsync(patience.Token, "EXISTS", options.Key("meta"));
            return null;
        }
        catch (ShardMovedException)
        {
            // A node of a cluster, which answers.
            return null;
        }
        catch (Exception error) when (error is SocketException or IOException or AuthenticationException)
        {
            return error;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return options.Tls is null ? null : BulkConnection.NoHandshake(options);
        }
    }

    private static ConfigurationOptions Configure(RedisStoreOptions options)
    {
        var configuration = Parse(options);
        if (options.Tls is { } tls)
        {
            configuration.Ssl = true;
            configuration.CertificateSelection += tls.LocalCertificateSelectionCallback;
            configuration.CertificateValidation += (sender, certificate, chain, errors) =>
            {
                try
                {
                    return tls.RemoteCertificateValidationCallback!(sender, certificate, chain, errors);
                }
                catch (AuthenticationException)
                {
                    return false;
                }
            };
        }

        return configuration;
    }

    private static ConfigurationOptions Parse(RedisStoreOptions options)
    {
        if (options.User.Length == 0)
        {
            return ConfigurationOptions.Parse(options.Endpoint);
        }

        try
        {
            return ConfigurationOptions.Parse($"{options.Endpoint},user={options.User}");
        }
        catch (ArgumentException error)
        {
            // Older clients know the default user only.
            throw new RedisUnavailableException(
                $"replay.user '{options.User}' cannot be used by this build's Redis client: leave it empty and use the default user's password", error);
        }
    }

    private async Task CheckServerAsync(CancellationToken cancellation)
    {
        var info = Info((string?)await Run(Database.ExecuteAsync("INFO", "server"), cancellation) ?? "");
        Cluster = info.GetValueOrDefault("redis_mode") == "cluster";
        var version = info.GetValueOrDefault("redis_version", "0");
        if (int.Parse(version.Split('.')[0], CultureInfo.InvariantCulture) < 7)
        {
            throw new RedisUnavailableException($"replay.redis '{_options.Endpoint}' runs Redis {version}: 7.0 or newer is needed");
        }
    }

    /// <summary>The store's error for what a client reports.</summary>
    public static Exception Translate(RedisStoreOptions options, Exception error)
    {
        var message = error.Message;
        if (message.StartsWith("OOM", StringComparison.Ordinal))
        {
            return new StoreFullException(
                $"replay.redis '{options.Endpoint}' is out of memory: raise its maxmemory or lower replay.capacity_bytes (docs/runbook.md#dreamerstorefull)", error);
        }

        if (message.StartsWith("MISCONF", StringComparison.Ordinal))
        {
            return new StoreFullException(
                $"replay.redis '{options.Endpoint}' cannot write to its disk: free space where Redis keeps its files, see docs/runbook.md#dreamerstorefull ({message})", error);
        }

        if (Mentions(error, "NOAUTH") || Mentions(error, "WRONGPASS") || Mentions(error, "invalid password") || Mentions(error, "AuthenticationFailure"))
        {
            return new RedisUnavailableException(
                $"replay.redis '{options.Endpoint}' refuses the password: set replay.password_file to a file with the right one (and replay.user, if its ACL has users)", error);
        }

        if (Mentions(error, "NOPERM"))
        {
            return new RedisUnavailableException(
                $"replay.redis '{options.Endpoint}' does not let the user '{(options.User.Length > 0 ? options.User : "default")}' do that ({message}): "
                + "set replay.user and replay.password_file to those of this process's role, or give the user the rights in docs/security.md", error);
        }

        if (Find<AuthenticationException>(error) is { } refusal)
        {
            // Our own judgement names the setting and the remedy already.
            const string Setting = "replay.redis";
            if (refusal.Message.StartsWith($"{Setting}:", StringComparison.Ordinal))
            {
                return new RedisUnavailableException($"{Setting} '{options.Endpoint}'{refusal.Message[Setting.Length..]}", error);
            }

            return new RedisUnavailableException(
                $"replay.redis '{options.Endpoint}' cannot be spoken to over TLS ({refusal.Message.TrimEnd('.')}): if it does not speak TLS, leave replay.redis_tls.ca_file empty; "
                + "if it asks for certificates, set replay.redis_tls.certificate_file and replay.redis_tls.key_file", error);
        }

        // What a server does that wants another kind of connection, or has just died.
        var cutOff = error is EndOfStreamException || Find<SocketException>(error) is { SocketErrorCode: SocketError.ConnectionReset } || (options.Tls is not null && Find<IOException>(error) is not null);
        var hint = !cutOff ? ""
            : options.Tls is null ? "; if it speaks TLS, set replay.redis_tls.ca_file"
            : "; if it asks for certificates, set replay.redis_tls.certificate_file and replay.redis_tls.key_file to a client's of its authority";
        return new RedisUnavailableException(
            $"replay.redis '{options.Endpoint}' does not answer: start redis-server there or correct the setting{hint}, see docs/runbook.md#dreamerredisdown ({message})", error)
        {
            MayPass = error is not ArgumentException,
        };
    }

    private static T? Find<T>(Exception? error) where T : Exception => error is null ? null : error as T ?? Find<T>(error.InnerException);

    private static bool Mentions(Exception? error, string text) =>
        error is not null && (error.Message.Contains(text, StringComparison.OrdinalIgnoreCase) || Mentions(error.InnerException, text));
}
