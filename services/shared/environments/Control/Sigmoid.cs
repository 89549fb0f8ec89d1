namespace Dreamer.Environments.Control;

/// <summary>How <see cref="Tolerance"/> falls off outside its bounds.</summary>
public enum Sigmoid
{
    Gaussian,
    Hyperbolic,
    LongTail,
    Reciprocal,
    Cosine,
    Linear,
    Quadratic,
    TanhSquared,
}
