using Dreamer.Environments.Numpy;
using Dreamer.Environments.Rendering;
using Dreamer.Spaces;

namespace Dreamer.Environments.Tasks;

/// <summary>
/// The rules of a small task in its own units: nothing but arithmetic on a state that the caller keeps. One action value:
/// the index of the choice when discrete, a number in [<see cref="ActionLow"/>, <see cref="ActionHigh"/>] when continuous.
/// </summary>
public interface ITaskRules
{
    ActionSpec Action { get; }

    /// <summary>Lower bound of a continuous action in the task's units.</summary>
    double ActionLow => -1;

    /// <summary>Upper bound of a continuous action in the task's units.</summary>
    double ActionHigh => 1;

    /// <summary>Numbers in the state.</summary>
    int StateSize { get; }

    /// <summary>Numbers in the vector observation.</summary>
    int VectorSize { get; }

    /// <summary>Draws the state that an episode starts from.</summary>
    void Begin(Generator random, Span<double> state);

    /// <summary>Moves the state one step on.</summary>
    Outcome Advance(Span<double> state, double action);

    /// <summary>Writes the vector observation, [<see cref="VectorSize"/>].</summary>
    void Observe(ReadOnlySpan<double> state, Span<float> vector);

    /// <summary>Draws the state over whatever the canvas held.</summary>
    void Draw(ReadOnlySpan<double> state, Canvas canvas);
}
