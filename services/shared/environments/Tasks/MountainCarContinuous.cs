using Dreamer.Environments.Numpy;
using Dreamer.Environments.Rendering;
using Dreamer.Spaces;

namespace Dreamer.Environments.Tasks;

/// <summary>
/// <see cref="MountainCar"/> with a throttle: 100 at the flag, minus a tenth of the squared throttle at each step
/// (Gymnasium's MountainCarContinuous-v0). State and vector: position, velocity.
/// </summary>
public sealed class MountainCarContinuous : ITaskRules
{
    private const double Power = 0.0015;
    private const double Goal = 0.45;

    public ActionSpec Action { get; } = new(ActionKind.Continuous, 1);

    public int StateSize => 2;

    public int VectorSize => 2;

    public void Begin(Generator random, Span<double> state)
    {
        state[0] = random.Uniform(-0.6, -0.4);
        state[1] = 0;
    }

    public Outcome Advance(Span<double> state, double action)
    {
        var speed = state[1] + ((Math.Clamp(action, -1, 1) * Power) - (MountainCarScene.Gravity * Math.Cos(3 * state[0])));
        speed = Math.Clamp(speed, -MountainCarScene.SpeedLimit, MountainCarScene.SpeedLimit);
        var position = Math.Clamp(state[0] + speed, MountainCarScene.Left, MountainCarScene.Right);
        speed = position == MountainCarScene.Left && speed < 0 ? 0 : speed;
        var arrived = position >= Goal && speed >= 0;

        // Gymnasium keeps this task's state in single precision between steps, and charges for the unclipped action.
        (state[0], state[1]) = ((float)position, (float)speed);
        return new Outcome((arrived ? 100 : 0) - (action * action * 0.1), arrived);
    }

    public void Observe(ReadOnlySpan<double> state, Span<float> vector) =>
        (vector[0], vector[1]) = ((float)state[0], (float)state[1]);

    public void Draw(ReadOnlySpan<double> state, Canvas canvas) => MountainCarScene.Draw(state[0], Goal, canvas);
}
