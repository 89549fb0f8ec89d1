namespace Dreamer.Experience;

/// <summary>The replay as an actor sees it, in this process or over the network. Thread safe.</summary>
public interface IExperienceWriter : IAsyncDisposable
{
    /// <summary>Most steps of one environment that may be lost with the actor: not handed over yet, or handed over and not accepted.</summary>
    int HeldSteps => int.MaxValue;

    /// <summary>Announces the tensors of the chunks to come.</summary>
    /// <exception cref="SchemaMismatchException">Others write or read other tensors; the message names the key.</exception>
    ValueTask OpenAsync(Schema schema, CancellationToken cancellation);

    /// <summary>Hands a chunk over; waits while the limiter lets the learner catch up. The writer keeps it until it is durable; nobody else may read it from here on.</summary>
    /// <exception cref="InvalidChunkException">The chunk was refused.</exception>
    ValueTask WriteAsync(Chunk chunk, CancellationToken cancellation);

    /// <summary>
    /// Completes when of what was handed over at most so many steps of one environment are not accepted, and at once while there is nobody
    /// to accept them.
    /// </summary>
    ValueTask AcceptAsync(int most, CancellationToken cancellation) => ValueTask.CompletedTask;

    /// <summary>From now on nothing waits for the learner: what comes is the short rest of streams that end.</summary>
    void Finish();

    /// <summary>Completes when everything written is durable.</summary>
    Task FlushAsync(CancellationToken cancellation);
}
