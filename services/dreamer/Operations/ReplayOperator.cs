using Dreamer.Hosting;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Edge;
using Dreamer.Hosting.Settings;
using Dreamer.Local;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.Operations;

/// <summary>The replay service as an operator sees it.</summary>
internal sealed class ReplayOperator : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly ReplayChannel _channel;
    private readonly V1.Replay.ReplayClient _client;

    private ReplayOperator(ReplaySettings settings)
    {
        _channel = ReplayChannel.Open(settings);
        (Address, _client) = (settings.Address, new V1.Replay.ReplayClient(_channel.Invoker));
    }

    /// <summary>Its URL.</summary>
    public string Address { get; }

    /// <summary>Whether a service was named or one belongs to the logdir.</summary>
    public static bool IsNamed(string? logdir, string? address, IReadOnlyList<string> flags) =>
        address is not null || Environment.GetEnvironmentVariable("DREAMER__REPLAY__ADDRESS") is not null || flags.Any(flag => flag.StartsWith("--replay.", StringComparison.Ordinal))
        || (logdir is not null && OperatorSettings.Flags(Path.GetFullPath(logdir)).Count > 0);

    /// <summary>Prepares the connection.</summary>
    /// <param name="logdir">A run of <c>dreamer up</c>, whose settings apply; null for none.</param>
    /// <param name="address">Wins over that run's; null to keep it.</param>
    /// <param name="flags">Setting flags, such as <c>--replay.token_file</c>.</param>
    public static ReplayOperator Open(string? logdir, string? address, IReadOnlyList<string> flags)
    {
        var configuration = ConfigurationLoader.Load(new ConfigurationRequest(
        [
            .. logdir is null ? [] : OperatorSettings.Flags(Path.GetFullPath(logdir)),
            .. flags,
            .. address is null ? Array.Empty<string>() : ["--replay.address", address.Contains("://", StringComparison.Ordinal) ? address : $"http://{address}"],
        ]));
        return new ReplayOperator(configuration.Bind<ReplaySettings>("replay"));
    }

    /// <summary>Current figures.</summary>
    public Task<V1.StatusReply> StatusAsync(CancellationToken cancellation) => AskAsync(
        async () => await _client.StatusAsync(new V1.StatusRequest(), deadline: DateTime.UtcNow + Patience, cancellationToken: cancellation), cancellation);

    /// <summary>Lets whoever comes from now on stay.</summary>
    public Task CancelDrainAsync(CancellationToken cancellation) => AskAsync(
        async () =>
        {
            using var call = _client.Drain(new V1.DrainRequest { Cancel = true }, deadline: DateTime.UtcNow + Patience, cancellationToken: cancellation);
            return await call.ResponseStream.MoveNext(cancellation);
        },
        cancellation);

    /// <summary>Winds the run down until that is done.</summary>
    /// <param name="told">Gets every change.</param>
    /// <param name="cancellation">Stops waiting; the run winds down all the same.</param>
    /// <exception cref="UserErrorException">The service left before it was done.</exception>
    public async Task<V1.DrainProgress> DrainAsync(Action<V1.DrainProgress> told, CancellationToken cancellation)
    {
        using var call = _client.Drain(new V1.DrainRequest(), cancellationToken: cancellation);
        while (await AskAsync(() => call.ResponseStream.MoveNext(cancellation), cancellation))
        {
            var progress = call.ResponseStream.Current;
            told(progress);
            if (progress.Done)
            {
                return progress;
            }
        }

        throw new UserErrorException($"{Address} stopped draining before it was done: somebody cancelled it; run the same command again");
    }

    public void Dispose() => _channel.Dispose();

    // A call whose time is up looks as if we had given it up.
    private async Task<T> AskAsync<T>(Func<Task<T>> call, CancellationToken cancellation)
    {
        try
        {
            return await call();
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new UserErrorException($"replay.address: {Address} does not answer; start the replay service or correct the address", cause: error);
        }
    }
}
