using System.Numerics;
using Dreamer.Environments.Numpy;
using Dreamer.Environments.Rendering;
using Dreamer.Spaces;

namespace Dreamer.Environments.Tasks;

/// <summary>
/// Swing a pendulum up and hold it there with a weak motor; the reward punishes angle, speed and torque (Gymnasium's
/// Pendulum-v1). State: angle (0 is upright, counter-clockwise, not wrapped), angular velocity. Vector: cos, sin, velocity.
/// </summary>
public sealed class Pendulum : ITaskRules
{
    private const double Gravity = 10;
    private const double Seconds = 0.05;
    private const double SpeedLimit = 8;

    public ActionSpec Action { get; } = new(ActionKind.Continuous, 1);

    public double ActionLow => -2;

    public double ActionHigh => 2;

    public int StateSize => 2;

    public int VectorSize => 3;

    public void Begin(Generator random, Span<double> state)
    {
        state[0] = random.Uniform(-Math.PI, Math.PI);
        state[1] = random.Uniform(-1, 1);
    }

    public Outcome Advance(Span<double> state, double action)
    {
        var (angle, spin) = (state[0], state[1]);
        var torque = Math.Clamp(action, ActionLow, ActionHigh);
        var wrapped = Wrap(angle);
        var cost = (wrapped * wrapped) + (0.1 * (spin * spin)) + (0.001 * (torque * torque));

        state[1] = Math.Clamp(spin + (((3 * Gravity / 2 * Math.Sin(angle)) + (3 * torque)) * Seconds), -SpeedLimit, SpeedLimit);
        state[0] = angle + (state[1] * Seconds);
        return new Outcome(-cost, Terminated: false);
    }

    public void Observe(ReadOnlySpan<double> state, Span<float> vector)
    {
        vector[0] = (float)Math.Cos(state[0]);
        vector[1] = (float)Math.Sin(state[0]);
        vector[2] = (float)state[1];
    }

    public void Draw(ReadOnlySpan<double> state, Canvas canvas)
    {
        float unit = canvas.Width;
        var centre = new Vector2(unit / 2, unit / 2);
        var tip = centre + (0.38f * unit * new Vector2(-(float)Math.Sin(state[0]), -(float)Math.Cos(state[0])));

        canvas.Clear(new Rgb(255, 255, 255));
        canvas.Line(centre, tip, 0.14f * unit, new Rgb(204, 77, 77));
        canvas.Circle(tip, 0.1f * unit, new Rgb(140, 30, 40));
        canvas.Circle(centre, 0.04f * unit, new Rgb(0, 0, 0));
    }

    /// <summary>Into [-pi, pi), with the sign of Python's remainder.</summary>
    private static double Wrap(double angle)
    {
        var turned = (angle + Math.PI) % (2 * Math.PI);
        return (turned < 0 ? turned + (2 * Math.PI) : turned) - Math.PI;
    }
}
