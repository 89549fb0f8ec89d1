using System.Numerics;
using Dreamer.Environments.Numpy;
using Dreamer.Environments.Rendering;
using Dreamer.Spaces;

namespace Dreamer.Environments.Tasks;

/// <summary>
/// Swing the free end of a two-link chain above a line by a torque at the middle joint; -1 per step until then (Sutton and
/// Barto; Gymnasium's Acrobot-v1 with the book's equations). State: two angles (0 hangs down, the second relative to the
/// first) and their velocities. Vector: cos and sin of each angle, velocities.
/// </summary>
public sealed class Acrobot : ITaskRules
{
    private const double Seconds = 0.2;
    private const double Gravity = 9.8;
    private const double Centre = 0.5;
    private const double Inertia = 1.0;
    private const double SpeedLimit1 = 4 * Math.PI;
    private const double SpeedLimit2 = 9 * Math.PI;

    public ActionSpec Action { get; } = new(ActionKind.Discrete, 3);

    public int StateSize => 4;

    public int VectorSize => 6;

    /// <summary>Gymnasium rounds the first state, and only that, to single precision.</summary>
    public void Begin(Generator random, Span<double> state)
    {
        foreach (ref var value in state)
        {
            value = (float)random.Uniform(-0.1, 0.1);
        }
    }

    public Outcome Advance(Span<double> state, double action)
    {
        var torque = action - 1;
        Span<double> k1 = stackalloc double[4], k2 = stackalloc double[4], k3 = stackalloc double[4], k4 = stackalloc double[4];
        Span<double> probe = stackalloc double[4];
        Slope(state, torque, k1);
        Follow(state, k1, Seconds / 2, probe);
        Slope(probe, torque, k2);
        Follow(state, k2, Seconds / 2, probe);
        Slope(probe, torque, k3);
        Follow(state, k3, Seconds, probe);
        Slope(probe, torque, k4);
        for (var index = 0; index < 4; index++)
        {
            state[index] += Seconds / 6.0 * (k1[index] + (2 * k2[index]) + (2 * k3[index]) + k4[index]);
        }

        state[0] = Wrap(state[0]);
        state[1] = Wrap(state[1]);
        state[2] = Math.Clamp(state[2], -SpeedLimit1, SpeedLimit1);
        state[3] = Math.Clamp(state[3], -SpeedLimit2, SpeedLimit2);
        var above = -Math.Cos(state[0]) - Math.Cos(state[1] + state[0]) > 1;
        return new Outcome(above ? 0 : -1, above);
    }

    public void Observe(ReadOnlySpan<double> state, Span<float> vector)
    {
        vector[0] = (float)Math.Cos(state[0]);
        vector[1] = (float)Math.Sin(state[0]);
        vector[2] = (float)Math.Cos(state[1]);
        vector[3] = (float)Math.Sin(state[1]);
        vector[4] = (float)state[2];
        vector[5] = (float)state[3];
    }

    public void Draw(ReadOnlySpan<double> state, Canvas canvas)
    {
        float unit = canvas.Width;
        var link = 0.22f * unit;
        var root = new Vector2(unit / 2, unit / 2);
        var elbow = root + (link * new Vector2((float)Math.Sin(state[0]), (float)Math.Cos(state[0])));
        var hand = elbow + (link * new Vector2((float)Math.Sin(state[0] + state[1]), (float)Math.Cos(state[0] + state[1])));

        canvas.Clear(new Rgb(255, 255, 255));
        canvas.Line(new Vector2(0, root.Y - link), new Vector2(unit, root.Y - link), 0.02f * unit, new Rgb(90, 90, 90));
        canvas.Line(root, elbow, 0.08f * unit, new Rgb(0, 160, 170));
        canvas.Line(elbow, hand, 0.08f * unit, new Rgb(60, 80, 200));
        canvas.Circle(root, 0.04f * unit, new Rgb(220, 180, 0));
        canvas.Circle(elbow, 0.04f * unit, new Rgb(220, 180, 0));
    }

    /// <summary>Both links have mass 1, length 1, their centre in the middle, and moment of inertia 1.</summary>
    private static void Slope(ReadOnlySpan<double> state, double torque, Span<double> slope)
    {
        var (angle1, angle2, spin1, spin2) = (state[0], state[1], state[2], state[3]);
        var (cos2, sin2) = (Math.Cos(angle2), Math.Sin(angle2));
        var d1 = (Centre * Centre) + (1 + (Centre * Centre) + (2 * Centre * cos2)) + Inertia + Inertia;
        var d2 = (Centre * Centre) + (Centre * cos2) + Inertia;
        var phi2 = Centre * Gravity * Math.Cos(angle1 + angle2 - (Math.PI / 2));
        var phi1 = (-Centre * (spin2 * spin2) * sin2) - (2 * Centre * spin2 * spin1 * sin2)
            + ((Centre + 1) * Gravity * Math.Cos(angle1 - (Math.PI / 2))) + phi2;
        var spinUp2 = (torque + (d2 / d1 * phi1) - (Centre * (spin1 * spin1) * sin2) - phi2)
            / ((Centre * Centre) + Inertia - (d2 * d2 / d1));

        slope[0] = spin1;
        slope[1] = spin2;
        slope[2] = -((d2 * spinUp2) + phi1) / d1;
        slope[3] = spinUp2;
    }

    private static void Follow(ReadOnlySpan<double> state, ReadOnlySpan<double> slope, double seconds, Span<double> into)
    {
        for (var index = 0; index < into.Length; index++)
        {
            into[index] = state[index] + (seconds * slope[index]);
        }
    }

    private static double Wrap(double angle)
    {
        while (angle > Math.PI)
        {
            angle -= 2 * Math.PI;
        }

        while (angle < -Math.PI)
        {
            angle += 2 * Math.PI;
        }

        return angle;
    }
}
