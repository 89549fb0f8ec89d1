using Dreamer.Policies.Numerics;

namespace Dreamer.Policies.Gaussian;

/// <summary>What follows a layer, element by element.</summary>
internal enum Activation
{
    None,
    Relu,
    Elu,
}

internal static unsafe class ActivationExtensions
{
    /// <summary>In place, for each row of <paramref name="length"/> values.</summary>
    public static void Apply(this Activation activation, float* x, nint stride, int rows, int length)
    {
        switch (activation)
        {
            case Activation.Relu:
                Gates.Relu(x, stride, rows, length);
                break;
            case Activation.Elu:
                Gates.Elu(x, stride, rows, length);
                break;
        }
    }
}
