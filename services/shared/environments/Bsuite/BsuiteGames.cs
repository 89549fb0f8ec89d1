using System.Collections.Immutable;
using Dreamer.Environments.Games;

namespace Dreamer.Environments.Bsuite;

/// <summary>
/// The tasks of DeepMind's behaviour suite that we have, by the name that they have in the registry. Where an experiment sweeps
/// over a size, <see cref="EnvironmentOptions.Difficulty"/> is that size.
/// </summary>
internal static class BsuiteGames
{
    private const int Chain = 10;
    private const int Sea = 10;

    // Random scores: means over 1000 episodes of uniformly random actions.
    public static ImmutableArray<(EnvironmentInfo Info, EnvironmentFactory Make)> Entries { get; } =
    [
        Game("catch", "Move a paddle under a falling ball", -0.6, 1, (_, seed) => new CatchGame(seed)),
        Game("deep_sea", "Exploration: one path through a grid pays, and each step along it costs", 0, 0.99, (size, _) => new DeepSea(size ?? Sea)),
        Game("memory_chain", "Memory: what was shown first is asked for last", 0, 1, (length, seed) => new MemoryChain(length ?? Chain, seed)),
        Game("umbrella_chain", "Credit: the first action pays at the end, among noise", 0, 1, (length, seed) => new UmbrellaChain(length ?? Chain, seed)),
        Game("discounting_chain", "Credit: the first action chooses when to be paid", 1.02, 1.1, (bonus, _) => new DiscountingChain(bonus ?? DiscountingChain.Chains)),
        Game("cartpole_swingup", "Exploration: swing a pole up where moving costs", -36, null, (_, seed) => new CartPoleSwingUp(seed)),
    ];

    private static (EnvironmentInfo Info, EnvironmentFactory Make) Game(
        string name, string description, double? randomScore, double? solvedScore, Func<int?, ulong, IGame> make) => GameEntry.Of(
            new EnvironmentInfo($"bsuite_{name}", description, 0, 1, randomScore, solvedScore),
            (options, seed) => make(options.Difficulty > 0 ? options.Difficulty : null, seed));
}
