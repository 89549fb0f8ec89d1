using System.Numerics;
using Dreamer.Environments.Numpy;
using Dreamer.Environments.Tasks;

namespace Dreamer.Environments.CarRacing;

/// <summary>
/// One episode on one track: 1000/N for each of the N tiles when first touched by a wheel, -0.1 per step, done when all are
/// touched, -100 instead and done outside the field. Gymnasium's v3 can also end at the start line after 95 % of the tiles;
/// as a car stands on the line when it starts, that never happens there nor here.
/// </summary>
internal sealed class Race
{
    // Metres: a part of the car farther from the middle of a tile cannot touch it.
    private const float Near = 11;

    private readonly bool[] visited;
    private readonly bool[] worn;
    private readonly Vector2[] middles;
    private double scoreBefore;

    public Race(Generator random)
    {
        Track = Track.Draw(random);
        visited = new bool[Track.Tiles.Length];
        worn = new bool[visited.Length];
        middles = [.. Track.Tiles.Select(tile => tile.Middle)];
        var start = Track.Points[0];
        Car = new Car(start.Heading, start.X, start.Y);
        Move();
    }

    public Track Track { get; }

    public Car Car { get; }

    /// <summary>Return so far, the penalty for leaving the field not counted; the dashboard shows it.</summary>
    public double Score { get; private set; }

    /// <summary>Tiles that a wheel has touched.</summary>
    public int Visited { get; private set; }

    /// <summary>Seconds since the start.</summary>
    public double Seconds { get; private set; }

    /// <summary>Whether a tile was touched by any part of the car, after which it has the plain colour.</summary>
    public bool IsWorn(int tile) => worn[tile];

    /// <param name="steer">-1 (left) to 1 (right).</param>
    /// <param name="gas">0 to 1.</param>
    /// <param name="brake">0 to 1.</param>
    public Outcome Step(double steer, double gas, double brake)
    {
        Car.Control(steer, gas, brake);
        Move();
        Score -= 0.1;
        var reward = Score - scoreBefore;
        scoreBefore = Score;
        return MathF.Max(MathF.Abs(Car.Hull.Origin.X), MathF.Abs(Car.Hull.Origin.Y)) > Track.FieldEdge
            ? new Outcome(-100, true)
            : new Outcome(reward, Visited == visited.Length);
    }

    private void Move()
    {
        Car.Drive();
        Touch();
        Car.Move();
        Seconds += Car.StepSeconds;
    }

    /// <summary>Looks which tiles the car stands on before it moves.</summary>
    private void Touch()
    {
        Span<Vector2> corners = stackalloc Vector2[4 * Car.WheelPart.Length];
        for (var index = 0; index < Car.Wheels.Length; index++)
        {
            Place(Car.Wheels[index].Body, Car.WheelPart, corners[(4 * index)..]);
            Car.Wheels[index].Tiles = 0;
        }

        for (var tile = 0; tile < visited.Length; tile++)
        {
            if (Vector2.DistanceSquared(middles[tile], Car.Hull.Origin) < Near * Near)
            {
                Touch(tile, corners);
            }
        }
    }

    private void Touch(int tile, ReadOnlySpan<Vector2> wheels)
    {
        var (a, b, c, d) = Track.Tiles[tile];
        ReadOnlySpan<Vector2> road = [a, b, c, d];
        for (var index = 0; index < Car.Wheels.Length; index++)
        {
            if (!Overlap.Touches(road, wheels.Slice(4 * index, 4)))
            {
                continue;
            }

            Car.Wheels[index].Tiles++;
            worn[tile] = true;
            if (!visited[tile])
            {
                visited[tile] = true;
                Visited++;
                Score += 1000.0 / visited.Length;
            }
        }

        worn[tile] = worn[tile] || HullTouches(road);
    }

    private bool HullTouches(ReadOnlySpan<Vector2> road)
    {
        Span<Vector2> corners = stackalloc Vector2[8];
        foreach (var part in Car.HullParts)
        {
            Place(Car.Hull, part, corners);
            if (Overlap.Touches(road, corners[..part.Length]))
            {
                return true;
            }
        }

        return false;
    }

    private static void Place(RigidBody body, Vector2[] part, Span<Vector2> corners)
    {
        for (var index = 0; index < part.Length; index++)
        {
            corners[index] = body.ToWorld(part[index]);
        }
    }
}
