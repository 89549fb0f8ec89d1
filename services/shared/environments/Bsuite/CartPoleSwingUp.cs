using System.Numerics;
using Dreamer.Environments.Games;
using Dreamer.Environments.Numpy;
using Dreamer.Environments.Rendering;
using Dreamer.Environments.Tasks;

namespace Dreamer.Environments.Bsuite;

/// <summary>
/// A pole hangs from a cart that is pushed left, left alone, or pushed right for 10 seconds. A push costs 0.1, and 1 is paid
/// only while the pole stands, nearly at rest, at the middle. Vector: position, velocity, sine, cosine, angular velocity,
/// time, and whether the cart is in the middle and the pole at rest, 1 or -1.
/// </summary>
public sealed class CartPoleSwingUp(ulong seed) : IGame
{
    private const double PoleMass = 0.1;
    private const double TotalMass = 1.1;
    private const double Length = 0.5;
    private const double Force = 10;
    private const double Gravity = 9.8;
    private const double Seconds = 0.01;
    private const double MaxTime = 10;
    private const double MaxPosition = 3;
    private const double RewardPosition = 1;
    private const double RewardSpin = 1;
    private const double RewardHeight = 0.5;
    private const double MoveCost = 0.1;
    private const double Spread = 0.05;

    private readonly RandomState random = RandomState.FromSeed(seed);
    private double position;
    private double velocity;
    private double angle;
    private double spin;
    private double time;

    public int Actions => 3;

    public int VectorSize => 8;

    public void Reset()
    {
        (position, velocity) = (Draw(), Draw());
        (angle, spin) = (Math.PI + Draw(), Draw());
        time = 0;
    }

    public Outcome Advance(int action)
    {
        Move((action - 1) * Force);
        var standing = Math.Cos(angle) > RewardHeight && Math.Abs(spin) < RewardSpin && Math.Abs(position) < RewardPosition;
        var reward = (standing ? 1 : 0) - (Math.Abs(action - 1) * MoveCost);
        return new Outcome(reward, time > MaxTime || Math.Abs(position) > MaxPosition);
    }

    public void Observe(Span<float> vector)
    {
        vector[0] = (float)(position / MaxPosition);
        vector[1] = (float)(velocity / MaxPosition);
        (vector[2], vector[3]) = ((float)Math.Sin(angle), (float)Math.Cos(angle));
        vector[4] = (float)spin;
        vector[5] = (float)(time / MaxTime);
        vector[6] = Math.Abs(position) < RewardPosition ? 1 : -1;
        vector[7] = Math.Abs(spin) < RewardSpin ? 1 : -1;
    }

    public void Draw(Canvas canvas)
    {
        float unit = canvas.Width;
        var pivot = new Vector2((float)((position / (2 * MaxPosition)) + 0.5) * unit, 0.5f * unit);
        var tip = pivot + (0.35f * unit * new Vector2((float)Math.Sin(angle), -(float)Math.Cos(angle)));
        canvas.Clear(new Rgb(255, 255, 255));
        canvas.Line(new Vector2(0, pivot.Y), new Vector2(unit, pivot.Y), 0.02f * unit, new Rgb(150, 150, 150));
        canvas.Line(pivot - new Vector2(0.06f * unit, 0), pivot + new Vector2(0.06f * unit, 0), 0.1f * unit, new Rgb(30, 30, 60));
        canvas.Line(pivot, tip, 0.05f * unit, new Rgb(202, 120, 60));
    }

    private double Draw() => random.Uniform(-Spread, Spread);

    private void Move(double force)
    {
        var (cos, sin) = (Math.Cos(angle), Math.Sin(angle));
        var push = (force + (PoleMass * Length * spin * spin * sin)) / TotalMass;
        var spinUp = ((Gravity * sin) - (cos * push)) / (Length * ((4.0 / 3) - (PoleMass * cos * cos / TotalMass)));
        var acceleration = push - (PoleMass * Length * spinUp * cos / TotalMass);

        position += Seconds * velocity;
        velocity += Seconds * acceleration;
        angle = (angle + (Seconds * spin)) % (2 * Math.PI);
        angle += angle < 0 ? 2 * Math.PI : 0;
        spin += Seconds * spinUp;
        time += Seconds;
    }
}
