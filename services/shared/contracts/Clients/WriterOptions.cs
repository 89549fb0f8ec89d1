namespace Dreamer.Contracts.Clients;

/// <summary>How an actor delivers its chunks.</summary>
/// <param name="Actor">Name that people see.</param>
public sealed record WriterOptions(string Actor)
{
    /// <summary>Bytes of chunks kept while the service is away, before the actor pauses.</summary>
    public long BufferBytes { get; init; } = 256L << 20;

    /// <summary>Steps of such chunks that the service has not accepted, before the actor pauses.</summary>
    public long BufferSteps { get; init; } = 2048;

    /// <summary>Most steps of one environment that the service has not accepted while it is there.</summary>
    public int HeldSteps { get; init; } = 63;

    /// <summary>Told of every chunk how long it took from its sending until the service acknowledged it; must be quick.</summary>
    public Action<TimeSpan>? Acknowledged { get; init; }

    /// <summary>First pause before a reconnect.</summary>
    public TimeSpan MinReconnectDelay { get; init; } = TimeSpan.FromSeconds(0.1);

    /// <summary>Longest pause before a reconnect.</summary>
    public TimeSpan MaxReconnectDelay { get; init; } = TimeSpan.FromSeconds(5);
}
