using System.Collections.Immutable;
using Dreamer.Environments.Games;

namespace Dreamer.Environments.MinAtar;

/// <summary>The five games by the name that they have in the registry.</summary>
internal static class MinAtarGames
{
    // Random scores: means over 1000 episodes of uniformly random actions.
    public static ImmutableArray<(EnvironmentInfo Info, EnvironmentFactory Make)> Entries { get; } =
    [
        Game("asterix", "MinAtar: collect gold, avoid the rest", 0, 0.48, () => new Asterix()),
        Game("breakout", "MinAtar: break a wall of bricks with a ball", 0, 0.48, () => new Breakout()),
        Game("freeway", "MinAtar: cross eight lanes of traffic", 2500, 0.11, () => new Freeway()),
        Game("seaquest", "MinAtar: rescue divers before the oxygen runs out", 0, 0.09, () => new Seaquest()),
        Game("space_invaders", "MinAtar: shoot waves of aliens", 0, 2.85, () => new SpaceInvaders()),
    ];

    private static (EnvironmentInfo Info, EnvironmentFactory Make) Game(
        string name, string description, int stepLimit, double? randomScore, Func<IMinAtarRules> rules) => GameEntry.Of(
            new EnvironmentInfo($"minatar_{name}", description, stepLimit, 1, randomScore, null),
            (_, seed) => new MinAtarGame(rules(), seed));
}
