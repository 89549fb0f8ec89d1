using Dreamer.Experience;
using Microsoft.Extensions.Hosting;

namespace Dreamer.Replay;

/// <summary>Asks the store twice a second how far it is durable, once for all actors.</summary>
public sealed class DurableWatch(ReplayBuffer replay, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(0.5);
    private readonly AsyncSignal _looked = new();

    /// <summary>Completes at the next answer.</summary>
    public Task Next => _looked.Next;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await replay.AdvanceDurableAsync(stoppingToken);
                _looked.Pulse();
            }
            catch (Exception away) when (away is StoreUnavailableException or StoreFencedException)
            {
                // The next commit says what is wrong with the store, and the next look may find it back.
            }
        }
    }
}
