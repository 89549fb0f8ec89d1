using Dreamer.Policies.Numerics;

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

    public void CopyPosterior(int rows, RowBuffer features, int deter, RowBuffer logits)
    {
        Deter = Copy(rows, features, 0, deter);
        Tokens = Copy(rows, features, deter, features.Width - deter);
        PosteriorLogits = Copy(rows, logits, 0, logits.Width);
    }

    public void CopyAction(int rows, ReadOnlySpan<byte> stoch, RowBuffer distribution) =>
        (Stoch, Distribution) = (stoch.ToArray(), Copy(rows, distribution, 0, distribution.Width));

    private static float[] Copy(int rows, RowBuffer from, int first, int count)
    {
        var values = new float[rows * count];
        for (var row = 0; row < rows; row++)
        {
            from.Row(row).Slice(first, count).CopyTo(values.AsSpan(row * count));
        }

        return values;
    }
}
