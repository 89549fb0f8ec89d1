using Dreamer.Environments.Games;

namespace Dreamer.Environments.Crafter;

/// <summary>Crafter as the registry knows it.</summary>
internal static class CrafterEntry
{
    // Random score: mean return over 600 episodes of uniformly random actions.
    public static (EnvironmentInfo Info, EnvironmentFactory Make) Entry { get; } = GameEntry.Of(
        new EnvironmentInfo("crafter", "Survive, gather, build and fight in a random world; 22 achievements", 10000, 1, 1.28, null),
        (options, seed) => new CrafterGame(seed, options.Size, options.CrafterAssets));
}
