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

    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <exception cref="ArgumentException">No such agent or device; the message says what there is.</exception>
    public static IAgent Create(string name, DreamerV3Options options, EnvironmentSpec spec, string device, ulong seed) => name switch
    {
        DreamerV3 => new DreamerV3Agent(options, spec, FindDevice(device), seed),
        _ => throw new ArgumentException($"there is no agent '{name}'; use one of {string.Join(", ", Names)}"),
    };

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
