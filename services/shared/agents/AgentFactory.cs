using Dreamer.Agents.DreamerV3;
using Dreamer.Spaces;
using static TorchSharp.torch;

namespace Dreamer.Agents;

/// <summary>Makes agents by name.</summary>
public static class AgentFactory
{
    /// <summary>Name of <see cref="DreamerV3Agent"/>.</summary>
    public const string DreamerV3 = "dreamer_v3";

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> Names => [DreamerV3];

    /// <param name="bind">Fills the agent's options from the settings section of that name.</param>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <exception cref="ArgumentException">No such agent or device, or options that cannot work; the message says what to change.</exception>
    public static IAgent Create(string name, Func<string, DreamerV3Options> bind, EnvironmentSpec spec, string device, ulong seed) =>
        new DreamerV3Agent(Options(name, bind), spec, FindDevice(device), seed);

    /// <summary>Elements of the parameters per module; allocates nothing.</summary>
    public static IReadOnlyDictionary<string, long> Describe(string name, Func<string, DreamerV3Options> bind, EnvironmentSpec spec) =>
        DreamerV3Agent.Describe(Options(name, bind), spec);

    private static DreamerV3Options Options(string name, Func<string, DreamerV3Options> bind)
    {
        if (name != DreamerV3)
        {
            throw new ArgumentException($"agent: there is no agent '{name}'; use one of {string.Join(", ", Names)}");
        }

        var options = bind(name);
        options.Validate();
        return options;
    }

    private static Device FindDevice(string name)
    {
        if (name == "cpu")
        {
            return CPU;
        }

        if (name != "cuda" && !name.StartsWith("cuda:", StringComparison.Ordinal))
        {
            throw new ArgumentException($"there is no device '{name}'; use cpu, cuda or cuda:N");
        }

        return cuda.is_available()
            ? new Device(name)
            : throw new ArgumentException($"device '{name}' was asked for, but libtorch finds no CUDA device here; use --device cpu");
    }
}
