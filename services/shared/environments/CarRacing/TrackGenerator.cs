using Dreamer.Environments.Numpy;

namespace Dreamer.Environments.CarRacing;

/// <summary>Draws random closed tracks: those of Gymnasium's CarRacing from the same generator, 24 draws per attempt.</summary>
internal static class TrackGenerator
{
    private const int Checkpoints = 12;
    private const double Radius = 900 / Track.Scale;
    private const double FullTurn = 2 * Math.PI;
    private const double StartBearing = FullTurn * -0.5 / Checkpoints;
    private const int LongestWay = 2500;
    private const int Laps = 4;

    /// <summary>Tries until the ends of a lap meet.</summary>
    public static TrackPoint[] Draw(Generator random)
    {
        while (true)
        {
            var way = Drive(Place(random));
            if (Lap(way) is { } lap)
            {
                return lap;
            }
        }
    }

    /// <summary>Targets around the field, one in each twelfth; the first and last lie far out to make a straight start.</summary>
    private static TrackPoint[] Place(Generator random)
    {
        var targets = new TrackPoint[Checkpoints];
        for (var index = 0; index < Checkpoints; index++)
        {
            var bearing = (FullTurn * index / Checkpoints) + random.Uniform(0, FullTurn / Checkpoints);
            var distance = random.Uniform(Radius / 3, Radius);
            if (index is 0 or Checkpoints - 1)
            {
                (bearing, distance) = (FullTurn * index / Checkpoints, 1.5 * Radius);
            }

            targets[index] = new TrackPoint(bearing, 0, distance * Math.Cos(bearing), distance * Math.Sin(bearing));
        }

        return targets;
    }

    /// <summary>Steers from target to target for a few laps with a limited rate of turn.</summary>
    private static List<TrackPoint> Drive(TrackPoint[] targets)
    {
        var way = new List<TrackPoint>();
        var (x, y, heading) = (1.5 * Radius, 0.0, 0.0);
        var (next, laps, beyond) = (0, 0, false);
        while (laps <= Laps && way.Count < LongestWay)
        {
            var bearing = Math.Atan2(y, x);
            if (beyond && bearing > 0)
            {
                laps++;
                beyond = false;
            }

            if (bearing < 0)
            {
                beyond = true;
                bearing += FullTurn;
            }

            next = Ahead(targets, next, ref bearing);
            var (right, up) = (Math.Cos(heading), Math.Sin(heading));
            var aside = ((right * (targets[next].X - x)) + (up * (targets[next].Y - y))) * Track.Scale;
            while (heading - bearing > 1.5 * Math.PI)
            {
                heading -= FullTurn;
            }

            while (heading - bearing < -1.5 * Math.PI)
            {
                heading += FullTurn;
            }

            var before = heading;
            if (Math.Abs(aside) > 0.3)
            {
                heading -= Math.Sign(aside) * Math.Min(Track.TurnRate, Math.Abs(0.001 * aside));
            }

            x -= up * Track.TileLength;
            y += right * Track.TileLength;
            way.Add(new TrackPoint(bearing, (before * 0.5) + (heading * 0.5), x, y));
        }

        return way;
    }

    /// <summary>The first target from <paramref name="next"/> on that is not behind; past the last one the bearing starts a new turn.</summary>
    private static int Ahead(TrackPoint[] targets, int next, ref double bearing)
    {
        while (bearing > targets[next].Bearing)
        {
            next = (next + 1) % targets.Length;
            bearing -= next == 0 ? FullTurn : 0;
        }

        return next;
    }

    /// <summary>The last whole lap, or null where there is none or its ends lie apart.</summary>
    private static TrackPoint[]? Lap(List<TrackPoint> way)
    {
        var (first, end) = (-1, -1);
        for (var index = way.Count - 1; index > 0 && first < 0; index--)
        {
            if (way[index].Bearing > StartBearing && way[index - 1].Bearing <= StartBearing)
            {
                (first, end) = end < 0 ? (first, index) : (index, end);
            }
        }

        if (first < 0)
        {
            return null;
        }

        var (head, tail) = (way[first], way[end - 2]);
        var across = Math.Cos(head.Heading) * (head.X - tail.X);
        var along = Math.Sin(head.Heading) * (head.Y - tail.Y);
        return Math.Sqrt((across * across) + (along * along)) > Track.TileLength ? null : [.. way[first..(end - 1)]];
    }
}
