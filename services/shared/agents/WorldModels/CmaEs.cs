using Dreamer.Agents.Checkpoints;
using static TorchSharp.torch;

namespace Dreamer.Agents.WorldModels;

/// <summary>
/// Minimises by CMA-ES (Hansen's tutorial, arXiv 1604.00772, whose equation numbers stand below; the defaults of pycma 2): full
/// covariance, active, cumulative step-size adaptation. The candidates of a generation follow from the state, so that nothing else need be kept.
/// </summary>
public sealed class CmaEs
{
    private readonly int n;
    private readonly double[] weights;
    private readonly double mass;                   // mu_eff
    private readonly double stepRate;               // c_sigma
    private readonly double damping;                // d_sigma
    private readonly double pathRate;               // c_c
    private readonly double rankOneRate;            // c_1
    private readonly double rankManyRate;           // c_mu
    private readonly double expectedLength;         // E|N(0, I)|
    private readonly double decomposeEvery;
    private double[] stepPath;                      // p_sigma
    private double[] path;                          // p_c
    private double[][] covariance;                  // C
    private double[][] axes;                        // rows: eigenvectors of C, as of the last decomposition
    private double[] lengths;                       // roots of its eigenvalues
    private long decomposed;
    private ulong seed;
    private double[][]? asked;

    /// <param name="dimension">Parameters, n.</param>
    /// <param name="population">Candidates per generation, at least 4.</param>
    /// <param name="sigma">First standard deviation; the first mean is 0.</param>
    /// <param name="seed">Decides all candidates.</param>
    public CmaEs(int dimension, int population, double sigma, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(population, 4);
        (n, Population, Sigma, this.seed) = (dimension, population, sigma, seed);
        var raw = Enumerable.Range(1, population).Select(i => Math.Log((population + 1) / 2.0) - Math.Log(i)).ToArray();     // 49
        double Sum(IEnumerable<double> values, bool positive) => values.Where(value => value > 0 == positive).Sum(Math.Abs);
        double Mass(bool positive) => Math.Pow(Sum(raw, positive), 2) / raw.Where(weight => weight > 0 == positive).Sum(weight => weight * weight);
        mass = Mass(positive: true);
        var lesser = Mass(positive: false);
        stepRate = (mass + 2) / (n + mass + 5);                                                                              // 55
        damping = 1 + 2 * Math.Max(0, Math.Sqrt((mass - 1) / (n + 1)) - 1) + stepRate;
        pathRate = (4 + mass / n) / (n + 4 + 2 * mass / n);                                                                  // 56
        rankOneRate = 2 / (Math.Pow(n + 1.3, 2) + mass);                                                                     // 57
        rankManyRate = Math.Min(1 - rankOneRate, 2 * (0.25 + mass + 1 / mass - 2) / (Math.Pow(n + 2, 2) + mass));            // 58
        var least = Math.Min(1 + rankOneRate / rankManyRate,                                                                 // 50 to 53
            Math.Min(1 + 2 * lesser / (mass + 2), (1 - rankOneRate - rankManyRate) / (n * rankManyRate)));
        weights = [.. raw.Select(weight => weight > 0 ? weight / Sum(raw, positive: true) : weight * least / Sum(raw, positive: false))];
        expectedLength = Math.Sqrt(n) * (1 - 1.0 / (4 * n) + 1.0 / (21.0 * n * n));
        // Decomposing costs n^3, an update of C n^2: as often as C can have changed.
        decomposeEvery = 1 / (rankOneRate + rankManyRate) / n / 10;
        (Mean, stepPath, path, lengths) = (new double[n], new double[n], new double[n], new double[n]);
        Array.Fill(lengths, 1);
        (covariance, axes) = (Identity(n), Identity(n));
    }

    /// <summary>Candidates per generation.</summary>
    public int Population { get; }

    /// <summary>Generations told so far.</summary>
    public long Generation { get; private set; }

    /// <summary>[n] the best guess: what a noisy function is best at, as the mean over many candidates.</summary>
    public double[] Mean { get; private set; }

    /// <summary>Overall standard deviation of the candidates.</summary>
    public double Sigma { get; private set; }

    /// <summary>The candidates of this generation [population][n]: m + sigma B D z (38 to 40). Asking again gives the same.</summary>
    public double[][] Ask()
    {
        if (asked is null)
        {
            var random = new Random((int)(UpdateSeed.Of(seed, Generation) & int.MaxValue));
            asked = [.. Enumerable.Range(0, Population).Select(_ => Draw(random))];
        }

        return asked;
    }

    /// <summary>Takes the values of the candidates, in their order, and moves on to the next generation.</summary>
    /// <param name="values">Smaller is better.</param>
    public void Tell(ReadOnlySpan<double> values)
    {
        if (values.Length != Population)
        {
            throw new ArgumentException($"{values.Length} values for {Population} candidates", nameof(values));
        }

        var candidates = Ask();
        var order = Enumerable.Range(0, Population).ToArray();
        Array.Sort(values.ToArray(), order);
        double[][] steps = [.. order.Select(i => Combine(1 / Sigma, candidates[i], -1 / Sigma, Mean))];
        var step = new double[n];
        for (var i = 0; i < Population && weights[i] > 0; i++)
        {
            AddTo(step, weights[i], steps[i]);                                                                               // 41
        }

        Mean = Combine(1, Mean, Sigma, step);                                                                                // 42
        stepPath = Combine(1 - stepRate, stepPath, Math.Sqrt(stepRate * (2 - stepRate) * mass), Whiten(step));               // 43
        var length = Math.Sqrt(Dot(stepPath, stepPath));
        Generation++;
        var moving = length / Math.Sqrt(1 - Math.Pow(1 - stepRate, 2 * Generation)) < Math.Sqrt(2 * n + 4.0 * n / (n + 1)) ? 1 : 0;
        path = Combine(1 - pathRate, path, moving * Math.Sqrt(pathRate * (2 - pathRate) * mass), step);                      // 45
        Adapt(steps, moving);
        Sigma *= Math.Exp(Math.Min(1, stepRate / damping * (length / expectedLength - 1)));                                  // 44
        if (Generation - decomposed >= decomposeEvery)
        {
            (var variances, axes) = SymmetricEigen.Of(covariance);
            lengths = [.. variances.Select(Math.Sqrt)];
            decomposed = Generation;
        }

        asked = null;
    }

    /// <summary>Puts everything that the search goes on from into a checkpoint.</summary>
    public void Save(CheckpointWriter checkpoint)
    {
        checkpoint.Value("cma/state", new State(Generation, decomposed, Sigma, seed));
        foreach (var (name, value) in Saved())
        {
            checkpoint.Tensor($"cma/{name}", value);
        }
    }

    /// <summary>Takes it back; nothing changes when it does not fit.</summary>
    /// <exception cref="CheckpointMismatchException">A part is missing or has another shape.</exception>
    public void Load(CheckpointReader checkpoint)
    {
        using var scope = NewDisposeScope();
        var state = checkpoint.Value<State>("cma/state");
        var saved = Saved().ToDictionary(pair => pair.Name, pair => pair.Value);
        foreach (var (name, value) in saved)
        {
            checkpoint.Expect($"cma/{name}", value);
        }

        foreach (var (name, value) in saved)
        {
            checkpoint.Tensor($"cma/{name}", value);
        }

        double[] Vector(string name) => saved[name].data<double>().ToArray();
        double[][] Matrix(string name) => [.. Vector(name).Chunk(n)];
        (Mean, stepPath, path, lengths) = (Vector("mean"), Vector("step_path"), Vector("path"), Vector("lengths"));
        (covariance, axes) = (Matrix("covariance"), Matrix("axes"));
        (Generation, decomposed, Sigma, seed, asked) = (state.Generation, state.Decomposed, state.Sigma, state.Seed, null);
    }

    private IEnumerable<(string Name, Tensor Value)> Saved() =>
    [
        ("mean", tensor(Mean)), ("step_path", tensor(stepPath)), ("path", tensor(path)), ("lengths", tensor(lengths)),
        ("covariance", tensor(covariance.SelectMany(row => row).ToArray())), ("axes", tensor(axes.SelectMany(row => row).ToArray())),
    ];

    // C <- (1 + c_1 delta - c_1 - c_mu sum w) C + c_1 p p^T + c_mu sum w y y^T (47), bad steps shortened to the length that they should have (46).
    private void Adapt(double[][] steps, int moving)
    {
        var scaled = steps.Select((step, i) =>
        {
            var whitened = weights[i] < 0 ? Whiten(step) : [];
            return weights[i] < 0 ? weights[i] * n / Math.Max(1e-300, Dot(whitened, whitened)) : weights[i];
        }).ToArray();
        var keep = 1 + rankOneRate * (1 - moving) * pathRate * (2 - pathRate) - rankOneRate - rankManyRate * weights.Sum();
        Parallel.For(0, n, row =>
        {
            var line = covariance[row];
            for (var column = 0; column < n; column++)
            {
                line[column] *= keep;
            }

            AddTo(line, rankOneRate * path[row], path);
            for (var i = 0; i < steps.Length; i++)
            {
                AddTo(line, rankManyRate * scaled[i] * steps[i][row], steps[i]);
            }
        });
    }

    private double[] Draw(Random random)
    {
        var candidate = (double[])Mean.Clone();
        for (var i = 0; i < n; i++)
        {
            var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            AddTo(candidate, Sigma * lengths[i] * normal, axes[i]);
        }

        return candidate;
    }

    // C^(-1/2) x
    private double[] Whiten(double[] x)
    {
        var result = new double[n];
        for (var i = 0; i < n; i++)
        {
            AddTo(result, Dot(axes[i], x) / lengths[i], axes[i]);
        }

        return result;
    }

    private static double[][] Identity(int n) => [.. Enumerable.Range(0, n).Select(i =>
    {
        var row = new double[n];
        row[i] = 1;
        return row;
    })];

    private static double[] Combine(double a, double[] x, double b, double[] y) => [.. x.Zip(y, (left, right) => a * left + b * right)];

    private static void AddTo(double[] into, double factor, double[] x)
    {
        for (var i = 0; i < into.Length; i++)
        {
            into[i] += factor * x[i];
        }
    }

    private static double Dot(double[] x, double[] y)
    {
        var sum = 0.0;
        for (var i = 0; i < x.Length; i++)
        {
            sum += x[i] * y[i];
        }

        return sum;
    }

    private sealed record State(long Generation, long Decomposed, double Sigma, ulong Seed);
}
