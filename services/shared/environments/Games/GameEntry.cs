namespace Dreamer.Environments.Games;

/// <summary>How a game becomes an entry of <see cref="EnvironmentRegistry"/>.</summary>
internal static class GameEntry
{
    public static (EnvironmentInfo Info, EnvironmentFactory Make) Of(EnvironmentInfo info, Func<EnvironmentOptions, ulong, IGame> game) =>
        (info, (options, seed) => new GameEnvironment(info.Name, game(options, seed), options.Observation, options.Size));
}
