using Dreamer.Environments;
using Dreamer.Spaces;

namespace Dreamer.Remote.Tests.Support;

/// <summary>What most tests begin with.</summary>
internal static class Given
{
    /// <summary>Bounds a failure, not a success.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    static Given() => EnvironmentRegistry.Add(new RemoteScheme());

    public static EnvironmentOptions Remote(string name, ObservationKind observation = ObservationKind.Vector, RemoteOptions? remote = null) =>
        new() { Name = name, Observation = observation, Remote = remote ?? new() };

    public static IEnvironment Connect(string name, ObservationKind observation = ObservationKind.Vector, RemoteOptions? remote = null, ulong seed = 0, TimeProvider? time = null) =>
        new RemoteEnvironment(RemoteAddress.Parse(name), remote ?? new(), observation, seed, time);

    /// <summary>One-hot for a choice, else uniform in [-1, 1].</summary>
    public static float[] Action(ActionSpec spec, Random random)
    {
        var action = new float[spec.Size];
        if (spec.Kind == ActionKind.Discrete)
        {
            action[random.Next(spec.Size)] = 1;
        }
        else
        {
            Array.ForEach(Enumerable.Range(0, spec.Size).ToArray(), index => action[index] = (2 * random.NextSingle()) - 1);
        }

        return action;
    }

    /// <summary>Plays the same actions in both and compares every record, bit by bit; returns how many there were.</summary>
    public static int SameEpisodes(IEnvironment expected, IEnvironment actual, int episodes)
    {
        var random = new Random(1);
        var (here, there, records) = (new TimeStep(expected.Spec), new TimeStep(actual.Spec), 0);
        for (var episode = 0; episode < episodes; episode++)
        {
            expected.Reset(here);
            actual.Reset(there);
            Same(here, there);
            while (!here.IsLast)
            {
                var action = Action(expected.Spec.Action, random);
                expected.Step(action, here);
                actual.Step(action, there);
                Same(here, there);
                records++;
            }
        }

        return records;
    }

    private static void Same(TimeStep expected, TimeStep actual)
    {
        Assert.Equal((expected.Reward, expected.IsFirst, expected.IsLast, expected.IsTerminal), (actual.Reward, actual.IsFirst, actual.IsLast, actual.IsTerminal));
        for (var index = 0; index < expected.Observations.Length; index++)
        {
            Assert.Equal(expected.Observations[index], actual.Observations[index]);
        }
    }
}
