using Dreamer.Agents.WorldModels;

namespace Dreamer.Agents.Tests;

public sealed class CmaEsTests
{
    private const int N = 10;

    /// <summary>
    /// Functions of Hansen's tutorial in 10 dimensions with 10 candidates: about 1,500, 4,000 and 5,000 evaluations are expected from
    /// a distance of 1 to 1e-9; a search without the covariance would need hundreds of thousands for the second.
    /// </summary>
    [Theory]
    [InlineData("sphere", 2000)]
    [InlineData("rotated ellipsoid", 5000)]
    [InlineData("rosenbrock", 7000)]
    public void TestFunctionsAreMinimisedInTheExpectedNumberOfEvaluations(string function, int most)
    {
        var basis = Rotation(new Random(5));
        Func<double[], double> cost = function switch
        {
            "sphere" => x => x.Sum(value => (value - 1) * (value - 1)),
            "rosenbrock" => x => Enumerable.Range(0, N - 1).Sum(i => 100 * Math.Pow(x[i + 1] - x[i] * x[i], 2) + Math.Pow(1 - x[i], 2)),
            _ => x => Enumerable.Range(0, N).Sum(i => Math.Pow(1e6, i / (N - 1.0)) * Math.Pow(basis[i].Zip(x, (b, value) => b * (value - 1)).Sum(), 2)),
        };
        var needed = Enumerable.Range(0, 3).Select(seed => Evaluations(cost, (ulong)seed)).Order().ToArray();
        Assert.True(needed[1] <= most, $"{function}: {string.Join(", ", needed)} evaluations");
        Assert.True(needed[0] > most / 4, $"{function}: {string.Join(", ", needed)} evaluations are too few to be true");
    }

    [Fact]
    public void CandidatesFollowFromSeedAndGeneration()
    {
        var (one, other, another) = (new CmaEs(3, 6, 0.1, 7), new CmaEs(3, 6, 0.1, 7), new CmaEs(3, 6, 0.1, 8));
        Assert.Equal(one.Ask(), other.Ask());
        Assert.NotEqual(one.Ask(), another.Ask());
        one.Tell([1, 2, 3, 4, 5, 6]);
        Assert.NotEqual(one.Ask(), other.Ask());
        other.Tell([1, 2, 3, 4, 5, 6]);
        Assert.Equal(one.Ask(), other.Ask());
    }

    [Fact]
    public void EigenvectorsAndValuesMakeTheMatrix()
    {
        var random = new Random(1);
        var basis = Rotation(random);
        double[] values = [1e-6, 1e-3, 1, 1, 1, 2, 3, 10, 1e3, 1e5];
        double[][] matrix = [.. Enumerable.Range(0, N).Select(row => Enumerable.Range(0, N).Select(column =>
            Enumerable.Range(0, N).Sum(i => values[i] * basis[i][row] * basis[i][column])).ToArray())];
        var (found, vectors) = SymmetricEigen.Of(matrix);
        foreach (var (value, expected) in found.Order().Zip(values))
        {
            Assert.Equal(expected, value, 1e-9 * 1e5 + 1e-6 * expected);
        }

        for (var i = 0; i < N; i++)
        {
            for (var row = 0; row < N; row++)
            {
                Assert.Equal(found[i] * vectors[i][row], matrix[row].Zip(vectors[i], (a, b) => a * b).Sum(), 1e-7);
            }
        }
    }

    private static int Evaluations(Func<double[], double> cost, ulong seed)
    {
        var search = new CmaEs(N, 10, 0.5, seed);
        for (var evaluations = 10; evaluations < 50_000; evaluations += 10)
        {
            var values = search.Ask().Select(cost).ToArray();
            if (values.Min() < 1e-9)
            {
                return evaluations;
            }

            search.Tell(values);
        }

        return int.MaxValue;
    }

    private static double[][] Rotation(Random random)
    {
        var rows = new List<double[]>();
        while (rows.Count < N)
        {
            var row = Enumerable.Range(0, N).Select(_ => random.NextDouble() - 0.5).ToArray();
            foreach (var before in rows)
            {
                var along = row.Zip(before, (a, b) => a * b).Sum();
                row = [.. row.Zip(before, (a, b) => a - along * b)];
            }

            var length = Math.Sqrt(row.Sum(value => value * value));
            rows.Add([.. row.Select(value => value / length)]);
        }

        return [.. rows];
    }
}
