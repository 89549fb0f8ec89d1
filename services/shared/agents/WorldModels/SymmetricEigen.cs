using System.Numerics;
using System.Runtime.InteropServices;

namespace Dreamer.Agents.WorldModels;

/// <summary>
/// Eigenvalues and vectors of a symmetric positive definite matrix by one-sided Jacobi rotations (Hestenes): turn pairs of rows until
/// all are orthogonal; their lengths are the eigenvalues. Only rows are touched, and small values keep their accuracy.
/// </summary>
internal static class SymmetricEigen
{
    private const double Tolerance = 1e-14;
    private const int MostSweeps = 60;

    /// <param name="matrix">[n][n], symmetric and positive definite; not changed.</param>
    /// <returns>Eigenvalues, and as rows their vectors, in no order.</returns>
    public static (double[] Values, double[][] Vectors) Of(double[][] matrix)
    {
        var n = matrix.Length;
        double[][] rows = [.. matrix.Select(row => (double[])row.Clone())];
        double[][] vectors = [.. Enumerable.Range(0, n).Select(i => Unit(n, i))];
        for (var (sweep, turned) = (0, true); turned && sweep < MostSweeps; sweep++)
        {
            turned = false;
            for (var p = 0; p < n - 1; p++)
            {
                for (var q = p + 1; q < n; q++)
                {
                    var (pp, qq, pq) = Products(rows[p], rows[q]);
                    if (Math.Abs(pq) <= Tolerance * Math.Sqrt(pp * qq))
                    {
                        continue;
                    }

                    turned = true;
                    var ratio = (qq - pp) / (2 * pq);
                    var tangent = (ratio < 0 ? -1 : 1) / (Math.Abs(ratio) + Math.Sqrt(1 + ratio * ratio));
                    var cosine = 1 / Math.Sqrt(1 + tangent * tangent);
                    Turn(rows[p], rows[q], cosine, cosine * tangent);
                    Turn(vectors[p], vectors[q], cosine, cosine * tangent);
                }
            }
        }

        return ([.. rows.Select(row => Math.Sqrt(Products(row, row).First))], vectors);
    }

    private static double[] Unit(int n, int i)
    {
        var row = new double[n];
        row[i] = 1;
        return row;
    }

    private static (double First, double Second, double Mixed) Products(double[] a, double[] b)
    {
        var x = MemoryMarshal.Cast<double, Vector<double>>(a.AsSpan());
        var y = MemoryMarshal.Cast<double, Vector<double>>(b.AsSpan());
        var (first, second, mixed) = (Vector<double>.Zero, Vector<double>.Zero, Vector<double>.Zero);
        for (var i = 0; i < x.Length; i++)
        {
            first += x[i] * x[i];
            second += y[i] * y[i];
            mixed += x[i] * y[i];
        }

        var (aa, bb, ab) = (Vector.Sum(first), Vector.Sum(second), Vector.Sum(mixed));
        for (var i = x.Length * Vector<double>.Count; i < a.Length; i++)
        {
            aa += a[i] * a[i];
            bb += b[i] * b[i];
            ab += a[i] * b[i];
        }

        return (aa, bb, ab);
    }

    private static void Turn(double[] a, double[] b, double cosine, double sine)
    {
        var x = MemoryMarshal.Cast<double, Vector<double>>(a.AsSpan());
        var y = MemoryMarshal.Cast<double, Vector<double>>(b.AsSpan());
        for (var i = 0; i < x.Length; i++)
        {
            (x[i], y[i]) = (cosine * x[i] - sine * y[i], sine * x[i] + cosine * y[i]);
        }

        for (var i = x.Length * Vector<double>.Count; i < a.Length; i++)
        {
            (a[i], b[i]) = (cosine * a[i] - sine * b[i], sine * a[i] + cosine * b[i]);
        }
    }
}
