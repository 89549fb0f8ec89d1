using Dreamer.Environments.Rendering;
using Dreamer.Environments.Tasks;
using Dreamer.Spaces;

namespace Dreamer.Environments.Games;

/// <summary>
/// A game with a few choices per step that keeps its own state and generator. What it adds to
/// <see cref="ITaskRules"/>: chance at any step, and a state that is no list of numbers.
/// </summary>
public interface IGame
{
    /// <summary>Choices per step, A.</summary>
    int Actions { get; }

    /// <summary>Numbers in the vector observation.</summary>
    int VectorSize { get; }

    /// <summary>Starts an episode.</summary>
    void Reset();

    /// <summary>Plays one step.</summary>
    /// <param name="action">In [0, <see cref="Actions"/>).</param>
    Outcome Advance(int action);

    /// <summary>Writes the vector observation, [<see cref="VectorSize"/>], over whatever was there.</summary>
    void Observe(Span<float> vector);

    /// <summary>Draws over whatever the canvas held. Called at most once per record.</summary>
    void Draw(Canvas canvas);

    /// <summary>What there is to log of the episode so far beside its rewards.</summary>
    IReadOnlyList<EpisodeFact> Facts => [];

    /// <summary>A quantity of the state that recordings name, see <see cref="Recordings.IReplayable.Read"/>; null for all others.</summary>
    double[]? Read(string quantity) => null;
}
