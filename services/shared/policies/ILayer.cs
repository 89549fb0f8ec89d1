namespace Dreamer.Policies;

/// <summary>One layer over rows, whatever its norm and activation.</summary>
internal unsafe interface ILayer
{
    /// <summary>Bytes of weights that one batch reads.</summary>
    long Bytes { get; }

    /// <summary>Takes its tensors.</summary>
    void Load(PolicyWeights weights);

    /// <summary>x [rows, inputs] -> y [rows, outputs].</summary>
    void Forward(float* x, nint xStride, int rows, float* y, nint yStride);
}
