using Dreamer.Spaces;

namespace Dreamer.Environments;

/// <summary>What every environment asks of an action before it uses it.</summary>
public static class ActionRules
{
    /// <summary>Refuses an action of another length, or with elements that are not finite.</summary>
    /// <exception cref="ArgumentException">Names the environment and what it expects.</exception>
    public static void Check(string environment, ActionSpec spec, ReadOnlySpan<float> action)
    {
        if (action.Length != spec.Size)
        {
            throw new ArgumentException($"{environment} expects {Describe(spec)}, got {action.Length} element(s).", nameof(action));
        }

        for (var index = 0; index < action.Length; index++)
        {
            if (!float.IsFinite(action[index]))
            {
                throw new ArgumentException($"{environment} expects {Describe(spec)}, got {action[index]} at element {index}.", nameof(action));
            }
        }
    }

    /// <summary>The choice that a one-hot vector [A] makes: the index of its largest element, the first of equals.</summary>
    public static int Choice(ReadOnlySpan<float> action)
    {
        var choice = 0;
        for (var index = 1; index < action.Length; index++)
        {
            choice = action[index] > action[choice] ? index : choice;
        }

        return choice;
    }

    /// <summary>Clips to [-1, 1], which policies may leave, and maps to [low, high].</summary>
    public static double Rescale(float action, double low, double high) =>
        ((low + high) / 2) + (Math.Clamp(action, -1f, 1f) * ((high - low) / 2));

    private static string Describe(ActionSpec spec) => spec.Kind == ActionKind.Discrete
        ? $"a one-hot action of {spec.Size} elements"
        : $"an action of {spec.Size} finite element(s) in [-1, 1]";
}
