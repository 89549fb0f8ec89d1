using Dreamer.Policies.Numerics;

namespace Dreamer.Policies;

/// <summary>Groups of categorical variables with a share of the uniform distribution mixed in: p = (1 - unimix) * softmax + unimix / C.</summary>
internal static class Categorical
{
    /// <summary>Draws one class per group by inverting the distribution function.</summary>
    /// <param name="logits">[groups, classes]; used up.</param>
    /// <param name="uniforms">[groups] in [0, 1).</param>
    /// <param name="drawn">[groups], written.</param>
    public static void Sample(Span<float> logits, int classes, float unimix, ReadOnlySpan<float> uniforms, Span<byte> drawn)
    {
        for (var group = 0; group < drawn.Length; group++)
        {
            var row = logits.Slice(group * classes, classes);
            var largest = row[0];
            foreach (var value in row)
            {
                largest = MathF.Max(largest, value);
            }

            foreach (ref var value in row)
            {
                value -= largest;
            }
        }

        Elementwise.Exp(logits);
        for (var group = 0; group < drawn.Length; group++)
        {
            drawn[group] = (byte)Invert(logits.Slice(group * classes, classes), unimix, uniforms[group]);
        }
    }

    /// <summary>Index of the first class at which the distribution function exceeds the uniform; the last one when rounding, or NaN, keeps it below.</summary>
    public static int Invert(ReadOnlySpan<float> exponentials, float unimix, float uniform)
    {
        var sum = 0f;
        foreach (var value in exponentials)
        {
            sum += value;
        }

        var (scale, floor) = ((1 - unimix) / sum, unimix / exponentials.Length);
        for (var index = 0; index < exponentials.Length - 1; index++)
        {
            uniform -= exponentials[index] * scale + floor;
            if (uniform < 0)
            {
                return index;
            }
        }

        return exponentials.Length - 1;
    }
}
