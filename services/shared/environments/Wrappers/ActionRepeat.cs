using Dreamer.Spaces;

namespace Dreamer.Environments.Wrappers;

/// <summary>Applies each action several times, sums the rewards and stops early at the last record of the episode.</summary>
public sealed class ActionRepeat(IEnvironment inner, int repeat) : IEnvironment
{
    private readonly int repeat = repeat > 0 ? repeat : throw new ArgumentOutOfRangeException(nameof(repeat), repeat, "an action is applied at least once");

    public EnvironmentSpec Spec => inner.Spec;

    public void Reset(TimeStep into) => inner.Reset(into);

    public void Step(ReadOnlySpan<float> action, TimeStep into)
    {
        var reward = 0f;
        for (var time = 0; time < repeat; time++)
        {
            inner.Step(action, into);
            reward += into.Reward;
            if (into.IsLast)
            {
                break;
            }
        }

        into.Reward = reward;
    }

    public void Dispose() => inner.Dispose();
}
