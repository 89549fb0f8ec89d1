namespace Dreamer.Policies;

/// <summary>Choosing and disturbing actions, for the generations that explore by noise.</summary>
internal static class ActionNoise
{
    /// <summary>Adds <paramref name="std"/> times the normal numbers and clips to [-1, 1].</summary>
    public static void Add(Span<float> action, ReadOnlySpan<float> normals, float std)
    {
        for (var i = 0; i < action.Length; i++)
        {
            action[i] = Math.Clamp(action[i] + std * normals[i], -1, 1);
        }
    }

    /// <summary>Index of the largest logit.</summary>
    public static int Likeliest(ReadOnlySpan<float> logits)
    {
        var best = 0;
        for (var i = 1; i < logits.Length; i++)
        {
            best = logits[i] > logits[best] ? i : best;
        }

        return best;
    }

    /// <summary>A sample of softmax(logits) by inverse transform of a uniform number in [0, 1).</summary>
    public static int Categorical(ReadOnlySpan<float> logits, float uniform)
    {
        var largest = logits[Likeliest(logits)];
        var total = 0f;
        foreach (var logit in logits)
        {
            total += MathF.Exp(logit - largest);
        }

        var left = uniform * total;
        for (var i = 0; i < logits.Length - 1; i++)
        {
            left -= MathF.Exp(logits[i] - largest);
            if (left < 0)
            {
                return i;
            }
        }

        return logits.Length - 1;
    }
}
