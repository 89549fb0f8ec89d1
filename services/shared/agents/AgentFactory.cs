using Dreamer.Agents.DreamerV1;
using Dreamer.Agents.DreamerV2;
using Dreamer.Agents.DreamerV3;
using Dreamer.Agents.PlaNet;
using Dreamer.Agents.WorldModels;
using Dreamer.Spaces;
using static TorchSharp.torch;

namespace Dreamer.Agents;

/// <summary>Makes agents by name.</summary>
public static class AgentFactory
{
    /// <summary>Name of <see cref="WorldModelsAgent"/>.</summary>
    public const string WorldModels = "world_models";

    /// <summary>Name of <see cref="PlaNetAgent"/>.</summary>
    public const string PlaNet = "planet";

    /// <summary>Name of <see cref="DreamerV1Agent"/>.</summary>
    public const string DreamerV1 = "dreamer_v1";

    /// <summary>Name of <see cref="DreamerV2Agent"/>.</summary>
    public const string DreamerV2 = "dreamer_v2";

    /// <summary>Name of <see cref="DreamerV3Agent"/>.</summary>
    public const string DreamerV3 = "dreamer_v3";

    // One entry per generation; the default comes first.
    private static readonly Generation[] Family =
    [
        Generation.Of<DreamerV3Options>(
            DreamerV3, options => options.Validate(), DreamerV3Agent.Describe,
            (options, spec, device, seed) => new DreamerV3Agent(options, spec, device, seed)),
        Generation.Of<WorldModelsOptions>(
            WorldModels, options => options.Validate(), WorldModelsAgent.Describe,
            (options, spec, device, seed) => new WorldModelsAgent(options, spec, device, seed), WorldModelsAgent.Objection),
        Generation.Of<PlaNetOptions>(
            PlaNet, options => options.Validate(), PlaNetAgent.Describe,
            (options, spec, device, seed) => new PlaNetAgent(options, spec, device, seed), (_, spec) => PlaNetAgent.Objection(spec)),
        Generation.Of<DreamerV1Options>(
            DreamerV1, options => options.Validate(), DreamerV1Agent.Describe,
            (options, spec, device, seed) => new DreamerV1Agent(options, spec, device, seed)),
        Generation.Of<DreamerV2Options>(
            DreamerV2, options => options.Validate(), DreamerV2Agent.Describe,
            (options, spec, device, seed) => new DreamerV2Agent(options, spec, device, seed)),
    ];

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> Names => [.. Family.Select(generation => generation.Name)];

    /// <param name="bind">Fills the agent's options from the settings section of that name.</param>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <exception cref="ArgumentException">
    /// No such agent or device, options that cannot work, or a task that the agent cannot serve; the message says what to change.
    /// </exception>
    public static IAgent Create(string name, OptionsBinder bind, EnvironmentSpec spec, string device, ulong seed)
    {
        IAgent Make() => Find(name, bind, spec).Create(bind, spec, FindDevice(device), seed);
        return FinalizerPause.Needed ? new UndisturbedAgent(Make) : Make();
    }

    /// <summary>Elements of the parameters per module; allocates nothing.</summary>
    public static IReadOnlyDictionary<string, long> Describe(string name, OptionsBinder bind, EnvironmentSpec spec) =>
        Find(name, bind, spec).Describe(bind, spec);

    private static Generation Find(string name, OptionsBinder bind, EnvironmentSpec spec)
    {
        var found = Family.FirstOrDefault(generation => generation.Name == name);
        if (found is null)
        {
            throw new ArgumentException($"agent: there is no agent '{name}'; use one of {string.Join(", ", Names)}");
        }

        return found.Objection(bind, spec) is not { } objection
            ? found
            : throw new ArgumentException($"agent: {name} {objection}; use --agent "
                + string.Join(" or ", Family.Where(other => other.Objection(bind, spec) is null).Select(other => other.Name)));
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

    private sealed record Generation(
        string Name,
        Func<OptionsBinder, EnvironmentSpec, string?> Objection,
        Func<OptionsBinder, EnvironmentSpec, IReadOnlyDictionary<string, long>> Describe,
        Func<OptionsBinder, EnvironmentSpec, Device, ulong, IAgent> Create)
    {
        /// <param name="validate">Throws <see cref="ArgumentException"/> for options that cannot work.</param>
        /// <param name="objection">Why the agent cannot serve a task, as the rest of a sentence that begins with its name; null when it can.</param>
        public static Generation Of<TOptions>(
            string name,
            Action<TOptions> validate,
            Func<TOptions, EnvironmentSpec, IReadOnlyDictionary<string, long>> describe,
            Func<TOptions, EnvironmentSpec, Device, ulong, IAgent> create,
            Func<TOptions, EnvironmentSpec, string?>? objection = null)
        {
            TOptions Options(OptionsBinder bind)
            {
                var options = (TOptions)bind(typeof(TOptions), name);
                validate(options);
                return options;
            }

            return new(
                name,
                (bind, spec) => objection?.Invoke((TOptions)bind(typeof(TOptions), name), spec),
                (bind, spec) => describe(Options(bind), spec),
                (bind, spec, device, seed) => create(Options(bind), spec, device, seed));
        }
    }
}
