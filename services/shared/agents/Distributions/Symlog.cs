using static TorchSharp.torch;

namespace Dreamer.Agents.Distributions;

/// <summary>Symmetric logarithm and its inverse (spec 5.1).</summary>
public static class Symlog
{
    /// <summary>sign(x) ln(1 + |x|), any shape.</summary>
    public static Tensor Forward(Tensor x) => x.sign() * x.abs().log1p();

    /// <summary>sign(x) (exp(|x|) - 1)</summary>
    public static double Inverse(double x) => Math.Sign(x) * (Math.Exp(Math.Abs(x)) - 1);
}
