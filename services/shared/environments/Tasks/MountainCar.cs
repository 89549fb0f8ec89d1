using Dreamer.Environments.Numpy;
using Dreamer.Environments.Rendering;
using Dreamer.Spaces;

namespace Dreamer.Environments.Tasks;

/// <summary>
/// Rock a weak car out of a valley with three choices (left, coast, right); -1 per step until the flag (Moore 1990;
/// Gymnasium's MountainCar-v0). State and vector: position, velocity.
/// </summary>
public sealed class MountainCar : ITaskRules
{
    private const double Power = 0.001;
    private const double Goal = 0.5;

    public ActionSpec Action { get; } = new(ActionKind.Discrete, 3);

    public int StateSize => 2;

    public int VectorSize => 2;

    public void Begin(Generator random, Span<double> state)
    {
        state[0] = random.Uniform(-0.6, -0.4);
        state[1] = 0;
    }

    public Outcome Advance(Span<double> state, double action)
    {
        var speed = state[1] + (((action - 1) * Power) + (Math.Cos(3 * state[0]) * -MountainCarScene.Gravity));
        speed = Math.Clamp(speed, -MountainCarScene.SpeedLimit, MountainCarScene.SpeedLimit);
        state[0] = Math.Clamp(state[0] + speed, MountainCarScene.Left, MountainCarScene.Right);
        state[1] = state[0] == MountainCarScene.Left && speed < 0 ? 0 : speed;
        return new Outcome(-1, state[0] >= Goal && state[1] >= 0);
    }

    public void Observe(ReadOnlySpan<double> state, Span<float> vector) =>
        (vector[0], vector[1]) = ((float)state[0], (float)state[1]);

    public void Draw(ReadOnlySpan<double> state, Canvas canvas) => MountainCarScene.Draw(state[0], Goal, canvas);
}
