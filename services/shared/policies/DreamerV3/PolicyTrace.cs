namespace Dreamer.Policies.DreamerV3;

/// <summary>What one step computed; rows are the entries of the batch.</summary>
internal sealed class PolicyTrace
{
    /// <summary>[rows, D] the new recurrent state.</summary>
    public float[] Deter { get; private set; } = [];

    /// <summary>[rows, E] output of the encoder.</summary>
    public float[] Tokens { get; private set; } = [];

    /// <summary>[rows, S * C] before unimix.</summary>
    public float[] PosteriorLogits { get; private set; } = [];

    /// <summary>[rows, S] sampled classes.</summary>
    public byte[] Stoch { get; private set; } = [];

    /// <summary>[rows, A] logits before unimix, or [rows, 2A] means then standard deviations.</summary>
    public float[] Distribution { get; private set; } = [];

    /// <summary>[rows, A] sampled actions.</summary>
    public required float[] Actions { get; init; }

    public void CopyPosterior(ReadOnlySpan<float> features, int stride, int deter, ReadOnlySpan<float> logits)
    {
        var rows = features.Length / stride;
        (Deter, Tokens, PosteriorLogits) = (new float[rows * deter], new float[rows * (stride - deter)], logits.ToArray());
        for (var row = 0; row < rows; row++)
        {
            features.Slice(row * stride, deter).CopyTo(Deter.AsSpan(row * deter));
            features.Slice(row * stride + deter, stride - deter).CopyTo(Tokens.AsSpan(row * (stride - deter)));
        }
    }

    public void CopyAction(ReadOnlySpan<byte> stoch, ReadOnlySpan<float> distribution) =>
        (Stoch, Distribution) = (stoch.ToArray(), distribution.ToArray());
}
