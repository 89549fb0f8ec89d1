namespace Dreamer.Environments;

/// <summary>
/// Environments whose names begin with a word and a colon, such as <c>remote:HOST:PORT</c>, made by a library that this one does not
/// know. A program adds it with <see cref="EnvironmentRegistry.Add"/>.
/// </summary>
public interface IEnvironmentScheme
{
    /// <summary>The word before the colon.</summary>
    string Prefix { get; }

    /// <summary>What is known of an environment without making it.</summary>
    /// <exception cref="ArgumentException">The rest of the name cannot be understood; the message begins with <c>env.name</c>.</exception>
    EnvironmentInfo Find(string name);

    /// <summary>Builds the environment named by the options, without time limit and action repeat.</summary>
    IEnvironment Make(EnvironmentOptions options, ulong seed);
}
