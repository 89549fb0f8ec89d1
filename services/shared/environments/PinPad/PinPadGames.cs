using System.Collections.Immutable;
using Dreamer.Environments.Games;

namespace Dreamer.Environments.PinPad;

/// <summary>The rooms by the name that they have in the registry.</summary>
internal static class PinPadGames
{
    // Random scores: means over 300 episodes of uniformly random actions.
    public static ImmutableArray<(EnvironmentInfo Info, EnvironmentFactory Make)> Entries { get; } =
    [
        Room("three", 54), Room("four", 1.1), Room("five", 0.13), Room("six", 0.03), Room("seven", 0), Room("eight", 0),
    ];

    private static (EnvironmentInfo Info, EnvironmentFactory Make) Room(string name, double randomScore) => GameEntry.Of(
        new EnvironmentInfo($"pinpad_{name}", $"Step on {name} pads in the right order", 10000, 1, randomScore, null),
        (_, seed) => new PinPadGame(PinPadLayouts.Room(name), seed));
}
