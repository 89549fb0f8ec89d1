using Dreamer.Environments;

namespace Dreamer.Remote;

/// <summary>Makes environments behind dm_env_rpc known by name: <c>EnvironmentRegistry.Add(new RemoteScheme())</c>.</summary>
public sealed class RemoteScheme : IEnvironmentScheme
{
    public string Prefix => RemoteAddress.Prefix;

    public EnvironmentInfo Find(string name) => new(name, $"served at {RemoteAddress.Parse(name)} over dm_env_rpc", 0, 1, null, null);

    /// <exception cref="RemoteEnvironmentException">Nobody answers there, or what answers is no environment that an agent here could play.</exception>
    public IEnvironment Make(EnvironmentOptions options, ulong seed) =>
        new RemoteEnvironment(RemoteAddress.Parse(options.Name), options.Remote, options.Observation, seed);
}
