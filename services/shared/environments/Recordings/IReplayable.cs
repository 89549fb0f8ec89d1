namespace Dreamer.Environments.Recordings;

/// <summary>
/// An environment that can follow a recording of the original: it starts where the recording does, takes actions in the task's own units
/// and shows quantities by name. What a name means is between the environment and the format that asks for it.
/// </summary>
public interface IReplayable
{
    /// <summary>
    /// Starts an episode: from the named numbers (<c>qpos</c>, <c>qvel</c>, ...), or where there are none from its own next draw. The
    /// first one comes after it was made with the recording's seed.
    /// </summary>
    /// <exception cref="KeyNotFoundException">A number that it needs is missing.</exception>
    void Begin(IReadOnlyDictionary<string, double[]> start);

    /// <summary>One step of the recording.</summary>
    /// <param name="action">As recorded: the index of a choice, or numbers in the task's units.</param>
    void Advance(ReadOnlySpan<double> action);

    /// <summary>A quantity after the last step, flattened in row-major order; flags are 0 or 1.</summary>
    /// <exception cref="KeyNotFoundException">It has none of this name.</exception>
    double[] Read(string quantity);
}
