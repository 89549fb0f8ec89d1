using System.Numerics;
using Dreamer.Environments.Numpy;
using Dreamer.Environments.Rendering;
using Dreamer.Spaces;

namespace Dreamer.Environments.Tasks;

/// <summary>
/// Keep a pole upright by pushing its cart left or right; 1 per step until it falls or the cart leaves the track
/// (Barto, Sutton, Anderson 1983; Gymnasium's CartPole-v1). State and vector: position, velocity, angle, angular velocity.
/// </summary>
public sealed class CartPole : ITaskRules
{
    private const double Gravity = 9.8;
    private const double PoleMass = 0.1;
    private const double TotalMass = PoleMass + 1.0;
    private const double HalfLength = 0.5;
    private const double PoleMoment = PoleMass * HalfLength;
    private const double Force = 10.0;
    private const double Seconds = 0.02;
    private const double AngleLimit = 12 * 2 * Math.PI / 360;
    private const double PositionLimit = 2.4;

    public ActionSpec Action { get; } = new(ActionKind.Discrete, 2);

    public int StateSize => 4;

    public int VectorSize => 4;

    public void Begin(Generator random, Span<double> state)
    {
        foreach (ref var value in state)
        {
            value = random.Uniform(-0.05, 0.05);
        }
    }

    public Outcome Advance(Span<double> state, double action)
    {
        var (position, velocity, angle, spin) = (state[0], state[1], state[2], state[3]);
        var force = action == 1 ? Force : -Force;
        var (cos, sin) = (Math.Cos(angle), Math.Sin(angle));
        var push = (force + (PoleMoment * (spin * spin) * sin)) / TotalMass;
        var spinUp = ((Gravity * sin) - (cos * push)) / (HalfLength * ((4.0 / 3.0) - (PoleMass * (cos * cos) / TotalMass)));
        var acceleration = push - (PoleMoment * spinUp * cos / TotalMass);

        state[0] = position + (Seconds * velocity);
        state[1] = velocity + (Seconds * acceleration);
        state[2] = angle + (Seconds * spin);
        state[3] = spin + (Seconds * spinUp);
        return new Outcome(1, state[0] is < -PositionLimit or > PositionLimit || state[2] is < -AngleLimit or > AngleLimit);
    }

    public void Observe(ReadOnlySpan<double> state, Span<float> vector)
    {
        for (var index = 0; index < vector.Length; index++)
        {
            vector[index] = (float)state[index];
        }
    }

    /// <summary>The whole track; the pole is drawn longer than to scale, so that a degree is visible at 64 pixels.</summary>
    public void Draw(ReadOnlySpan<double> state, Canvas canvas)
    {
        float unit = canvas.Width;
        var floor = 0.85f * unit;
        var cart = (float)((state[0] / (2 * PositionLimit)) + 0.5) * unit;
        var pivot = new Vector2(cart, floor - (0.12f * unit));
        var tip = pivot + (0.6f * unit * new Vector2((float)Math.Sin(state[2]), -(float)Math.Cos(state[2])));
        var half = 0.11f * unit;

        canvas.Clear(new Rgb(255, 255, 255));
        canvas.Line(new Vector2(0, floor), new Vector2(unit, floor), 0.02f * unit, new Rgb(150, 150, 150));
        canvas.Polygon(
            [new(cart - half, floor), new(cart + half, floor), new(cart + half, pivot.Y), new(cart - half, pivot.Y)],
            new Rgb(30, 30, 60));
        canvas.Line(pivot, tip, 0.06f * unit, new Rgb(202, 120, 60));
        canvas.Circle(pivot, 0.035f * unit, new Rgb(90, 100, 220));
    }
}
