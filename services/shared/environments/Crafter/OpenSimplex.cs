namespace Dreamer.Environments.Crafter;

/// <summary>
/// Gradient noise on a simplectic lattice in three dimensions (OpenSimplex of 2014), about -0.9 to 0.9. It leaves out some
/// lattice points that would still reach a place; worlds are only the same when the same are left out.
/// </summary>
internal sealed class OpenSimplex
{
    private const double Stretch = -1.0 / 6;
    private const double Squish = 1.0 / 3;
    private const double Normalisation = 103;
    private const int MostPoints = 8;

    private readonly byte[] permutation = new byte[256];

    public OpenSimplex(long seed)
    {
        Span<byte> source = stackalloc byte[256];
        for (var index = 0; index < 256; index++)
        {
            source[index] = (byte)index;
        }

        for (var round = 0; round < 3; round++)
        {
            seed = Scramble(seed);
        }

        for (var last = 255; last >= 0; last--)
        {
            seed = Scramble(seed);
            var pick = (int)(((seed % (last + 1)) + 31) % (last + 1));
            pick += pick < 0 ? last + 1 : 0;
            permutation[last] = source[pick];
            source[pick] = source[last];
        }
    }

    /// <summary>Noise at a place.</summary>
    public double At(double x, double y, double z)
    {
        var stretched = (x + y + z) * Stretch;
        var (baseX, baseY, baseZ) = ((int)Math.Floor(x + stretched), (int)Math.Floor(y + stretched), (int)Math.Floor(z + stretched));
        var squished = (baseX + baseY + baseZ) * Squish;
        var (fromX, fromY, fromZ) = (x - (baseX + squished), y - (baseY + squished), z - (baseZ + squished));
        Span<(int X, int Y, int Z)> points = stackalloc (int, int, int)[MostPoints];
        var sum = 0.0;
        foreach (var (i, j, k) in points[..Pick(x + stretched - baseX, y + stretched - baseY, z + stretched - baseZ, points)])
        {
            var shift = (i + j + k) * Squish;
            var (dx, dy, dz) = (fromX - i - shift, fromY - j - shift, fromZ - k - shift);
            var reach = 2 - (dx * dx) - (dy * dy) - (dz * dz);
            if (reach > 0)
            {
                reach *= reach;
                sum += reach * reach * Gradient(baseX + i, baseY + j, baseZ + k, dx, dy, dz);
            }
        }

        return sum / Normalisation;
    }

    /// <summary>
    /// The corners of the cell's part that the place lies in, and the two lattice points beyond them that count. A corner is
    /// three bits: 1 for x, 2 for y, 4 for z.
    /// </summary>
    /// <returns>How many were written.</returns>
    private static int Pick(double x, double y, double z, Span<(int X, int Y, int Z)> points)
    {
        var sum = x + y + z;
        return sum <= 1 ? PickNearOrigin(x, y, z, points) : sum >= 2 ? PickFarFromOrigin(x, y, z, points) : PickBetween(x, y, z, points);
    }

    private static int PickNearOrigin(double x, double y, double z, Span<(int X, int Y, int Z)> points)
    {
        var (first, second) = ((Score: x, Corner: 1), (Score: y, Corner: 2));
        if (first.Score >= second.Score && z > second.Score)
        {
            second = (z, 4);
        }
        else if (first.Score < second.Score && z > first.Score)
        {
            first = (z, 4);
        }

        (points[0], points[1], points[2], points[3]) = (Corner(0), Corner(1), Corner(2), Corner(4));
        var origin = 1 - (x + y + z);
        if (origin > first.Score || origin > second.Score)
        {
            var nearest = second.Score > first.Score ? second.Corner : first.Corner;
            var (one, other) = Split(7 ^ nearest);
            (points[4], points[5]) = (Add(Corner(nearest), Corner(one), -1), Add(Corner(nearest), Corner(other), -1));
        }
        else
        {
            var pair = first.Corner | second.Corner;
            (points[4], points[5]) = (Corner(pair), Add(Corner(pair), Corner(7 ^ pair), -1));
        }

        return 6;
    }

    private static int PickFarFromOrigin(double x, double y, double z, Span<(int X, int Y, int Z)> points)
    {
        var (first, second) = ((Score: x, Corner: 6), (Score: y, Corner: 5));
        if (first.Score <= second.Score && z < second.Score)
        {
            second = (z, 3);
        }
        else if (first.Score > second.Score && z < first.Score)
        {
            first = (z, 3);
        }

        (points[0], points[1], points[2], points[3]) = (Corner(3), Corner(5), Corner(6), Corner(7));
        var opposite = 3 - (x + y + z);
        if (opposite < first.Score || opposite < second.Score)
        {
            var nearest = second.Score < first.Score ? second.Corner : first.Corner;
            var (one, other) = Split(nearest);
            (points[4], points[5]) = (Add(Corner(nearest), Corner(one), 1), Add(Corner(nearest), Corner(other), 1));
        }
        else
        {
            var shared = Corner(first.Corner & second.Corner);
            (points[4], points[5]) = (shared, Add(shared, shared, 1));
        }

        return 6;
    }

    private static int PickBetween(double x, double y, double z, Span<(int X, int Y, int Z)> points)
    {
        var first = Side(x + y, 3);
        var second = Side(x + z, 5);
        var third = Side(y + z, 6);
        if (first.Score <= second.Score && first.Score < third.Score)
        {
            first = third;
        }
        else if (first.Score > second.Score && second.Score < third.Score)
        {
            second = third;
        }

        (points[0], points[1], points[2]) = (Corner(1), Corner(2), Corner(4));
        (points[3], points[4], points[5]) = (Corner(3), Corner(5), Corner(6));
        if (first.Far && second.Far)
        {
            var shared = Corner(first.Corner & second.Corner);
            (points[6], points[7]) = (Corner(7), Add(shared, shared, 1));
        }
        else if (!first.Far && !second.Far)
        {
            var pair = first.Corner | second.Corner;
            (points[6], points[7]) = (Corner(0), Add(Corner(pair), Corner(7 ^ pair), -1));
        }
        else
        {
            var (far, near) = first.Far ? (first.Corner, second.Corner) : (second.Corner, first.Corner);
            (points[6], points[7]) = (Add(Corner(far), Corner(7 ^ far), -1), Add(Corner(near), Corner(near), 1));
        }

        return MostPoints;
    }

    /// <summary>Whether a pair of coordinates is nearer to its far corner or to the one corner opposite, and by how much.</summary>
    private static (double Score, int Corner, bool Far) Side(double sum, int far) => sum > 1 ? (sum - 1, far, true) : (1 - sum, 7 ^ far, false);

    private static (int X, int Y, int Z) Corner(int bits) => (bits & 1, (bits >> 1) & 1, bits >> 2);

    private static (int X, int Y, int Z) Add((int X, int Y, int Z) point, (int X, int Y, int Z) way, int times) =>
        (point.X + (times * way.X), point.Y + (times * way.Y), point.Z + (times * way.Z));

    /// <summary>The lower and the higher of two bits.</summary>
    private static (int Low, int High) Split(int bits) => (bits & -bits, bits & (bits - 1));

    private static long Scramble(long seed) => unchecked((seed * 6364136223846793005) + 1442695040888963407);

    /// <summary>One of 24 directions: a long axis of 11 and two of 4, with every sign.</summary>
    private double Gradient(int x, int y, int z, double dx, double dy, double dz)
    {
        var index = permutation[(permutation[(permutation[x & 0xFF] + y) & 0xFF] + z) & 0xFF] % 24;
        var (axis, signs) = (index % 3, index / 3);
        var negativeX = (signs & 1) == 0;
        var negativeY = (signs & 2) != 0;
        var negativeZ = (signs & 4) != 0;
        return ((axis == 0 ? 11 : 4) * (negativeX ? -dx : dx))
            + ((axis == 1 ? 11 : 4) * (negativeY ? -dy : dy))
            + ((axis == 2 ? 11 : 4) * (negativeZ ? -dz : dz));
    }
}
