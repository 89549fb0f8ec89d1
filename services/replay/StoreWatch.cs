using System.Diagnostics.Metrics;
using Dreamer.Experience;
using Microsoft.Extensions.Hosting;

namespace Dreamer.Replay;

/// <summary>Asks the store's servers every few seconds how they are doing, for whoever looks at the instruments.</summary>
/// <param name="store">The store; one without servers, such as the one in memory, is not asked.</param>
/// <param name="time">Clock of the period.</param>
public sealed class StoreWatch(IStoreHealth? store, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);
    private volatile IReadOnlyList<StoreHealth> _newest = [];

    /// <summary>A measurement per server: of its health, which is null while it does not answer. Null measures nothing.</summary>
    internal IEnumerable<Measurement<double>> Observe(Func<StoreHealth?, double?> measure)
    {
        foreach (var server in store?.Servers ?? [])
        {
            if (measure(_newest.FirstOrDefault(health => health.Server == server)) is { } value)
            {
                yield return new Measurement<double>(value, KeyValuePair.Create<string, object?>("server", server));
            }
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (store is null)
        {
            return;
        }

        using var timer = new PeriodicTimer(Period, time);
        do
        {
            try
            {
                _newest = await store.HealthAsync(stoppingToken);
            }
            catch (StoreUnavailableException)
            {
                _newest = [];
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
