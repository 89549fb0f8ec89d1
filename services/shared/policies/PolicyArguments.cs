using Dreamer.Spaces;

namespace Dreamer.Policies;

/// <summary>What <see cref="IPolicy.Act"/> is called with.</summary>
internal static class PolicyArguments
{
    /// <param name="environment">What the policy was trained for.</param>
    /// <param name="count">Slots of the policy.</param>
    /// <exception cref="ArgumentException">Lengths, slots or environments do not fit.</exception>
    public static void Check(
        EnvironmentSpec environment, int count, ReadOnlySpan<int> slots, ReadOnlySpan<TimeStep> steps, ReadOnlySpan<float> actions)
    {
        if (slots.Length > count || steps.Length != slots.Length || actions.Length != slots.Length * environment.Action.Size)
        {
            throw new ArgumentException(
                $"{slots.Length} slots, {steps.Length} steps and {actions.Length} action values do not fit {count} slots of action {environment.Action}.");
        }

        for (var i = 0; i < slots.Length; i++)
        {
            if ((uint)slots[i] >= (uint)count)
            {
                throw new ArgumentOutOfRangeException(nameof(slots), slots[i], $"slots are numbered 0..{count - 1}");
            }

            if (!ReferenceEquals(steps[i].Spec, environment) && !steps[i].Spec.Equals(environment))
            {
                throw new ArgumentException($"slot {slots[i]} shows another environment than the policy was trained for.", nameof(steps));
            }
        }
    }
}
