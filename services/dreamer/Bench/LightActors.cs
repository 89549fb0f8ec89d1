namespace Dreamer.Bench;

/// <summary>
/// Actors that only send: each has a connection and an environment of its own, whose steps cost nothing, and goes on as fast
/// as its chunks are taken. Disposing ends them.
/// </summary>
internal sealed class LightActors : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Task[] actors;
    private long steps;

    /// <param name="service">Where they send.</param>
    /// <param name="count">How many.</param>
    /// <param name="environment">Makes the environment of one.</param>
    public LightActors(ServiceProcess service, int count, Func<StepStream> environment) =>
        actors = [.. Enumerable.Range(0, count).Select(actor => Task.Run(() => ActAsync(service, $"light-{actor}", environment(), stop.Token)))];

    /// <summary>Steps handed over so far.</summary>
    public long Steps => Interlocked.Read(ref steps);

    /// <summary>Completes when one of them fails.</summary>
    public async Task FailureAsync() => await await Task.WhenAny(actors);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(actors);
        stop.Dispose();
    }

    private async Task ActAsync(ServiceProcess service, string name, StepStream environment, CancellationToken cancellation)
    {
        await using var writer = service.Writer(name);
        try
        {
            await writer.OpenAsync(environment.Schema, cancellation);
            while (true)
            {
                var chunk = environment.Next();
                await writer.WriteAsync(chunk, cancellation);
                Interlocked.Add(ref steps, chunk.Steps);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
    }
}
