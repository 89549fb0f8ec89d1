using Dreamer.Spaces;

namespace Dreamer.Environments.Wrappers;

/// <summary>Applies each action several times, sums the rewards and stops early at the last record of the episode.</summary>
/// <param name="inner">Stepped <paramref name="repeat"/> times per action.</param>
/// <param name="repeat">At least 1.</param>
/// <param name="maxPool">
/// Images show the brighter of the last two steps, pixel by pixel and channel by channel: for screens that draw some things on every other
/// frame only.
/// </param>
public sealed class ActionRepeat(IEnvironment inner, int repeat, bool maxPool = false) : IEnvironment
{
    private readonly int repeat = repeat > 0 ? repeat : throw new ArgumentOutOfRangeException(nameof(repeat), repeat, "an action is applied at least once");
    private readonly TimeStep previous = new(inner.Spec);

    public EnvironmentSpec Spec => inner.Spec;

    public void Reset(TimeStep into) => inner.Reset(into);

    public void Step(ReadOnlySpan<float> action, TimeStep into)
    {
        var reward = 0f;
        for (var time = 0; time < repeat; time++)
        {
            Keep(into, taken: time);
            inner.Step(action, into);
            reward += into.Reward;
            if (into.IsLast || time == repeat - 1)
            {
                Pool(into, taken: time);
                break;
            }
        }

        into.Reward = reward;
    }

    public void Dispose() => inner.Dispose();

    // Only steps of the same action are pooled: what was seen before it is known already.
    private void Keep(TimeStep seen, int taken)
    {
        for (var index = 0; maxPool && taken > 0 && index < Spec.Observations.Length; index++)
        {
            if (Spec.Observations[index].IsImage)
            {
                seen.Observations[index].CopyTo(previous.Observations[index], 0);
            }
        }
    }

    private void Pool(TimeStep into, int taken)
    {
        for (var index = 0; maxPool && taken > 0 && index < Spec.Observations.Length; index++)
        {
            if (Spec.Observations[index].IsImage)
            {
                var image = into.Observations[index];
                for (var at = 0; at < image.Length; at++)
                {
                    image[at] = Math.Max(image[at], previous.Observations[index][at]);
                }
            }
        }
    }
}
