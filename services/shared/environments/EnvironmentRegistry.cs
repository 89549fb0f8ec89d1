using System.Collections.Concurrent;
using System.Collections.Immutable;
using Dreamer.Environments.Bsuite;
using Dreamer.Environments.CarRacing;
using Dreamer.Environments.Control;
using Dreamer.Environments.Crafter;
using Dreamer.Environments.Fakes;
using Dreamer.Environments.MinAtar;
using Dreamer.Environments.PinPad;
using Dreamer.Environments.Tasks;
using Dreamer.Environments.Wrappers;
using Dreamer.Spaces;

namespace Dreamer.Environments;

/// <summary>Every environment by name.</summary>
public static class EnvironmentRegistry
{
    // Random scores: means over 1000 episodes of uniformly random actions.
    private static readonly ImmutableArray<(EnvironmentInfo Info, EnvironmentFactory Make)> Entries =
    [
        Task(new("CartPole-v1", "Keep a pole upright on a cart by pushing left or right", 500, 1, 22, 475), new CartPole()),
        Task(new("Pendulum-v1", "Swing a pendulum up with a weak motor and hold it", 200, 1, -1230, -150), new Pendulum()),
        Task(new("Acrobot-v1", "Swing a two-link chain above a line", 500, 1, -499, -100), new Acrobot()),
        Task(new("MountainCar-v0", "Rock a weak car out of a valley: left, coast or right", 200, 1, -200, -110), new MountainCar()),
        Task(new("MountainCarContinuous-v0", "Rock a weak car out of a valley with a throttle", 999, 1, -33, 90), new MountainCarContinuous()),
        .. ControlTasks.All.Select(entry => Control(entry.Info, entry.Task)),
        Task(new("catch", "Move a paddle under a falling ball; learnt within seconds", 0, 1, -0.6, 1), new Catch()),
        .. MinAtarGames.Entries,
        CrafterEntry.Entry,
        .. BsuiteGames.Entries,
        .. PinPadGames.Entries,
        (new("CarRacing-v3", "Drive a car around a random track seen from above; World Models' task", 1000, 1, -32, 900),
            (options, seed) => new CarRacingEnvironment(options.CarRacing, options.Observation, options.Size, seed)),
        (new("fake", "Numbered records for tests of the services; nothing to learn", 0, 1, null, null),
            (options, seed) => new FakeEnvironment(options.Fake, options.Observation, options.Size, seed)),
    ];

    private static readonly ConcurrentDictionary<string, IEnvironmentScheme> Schemes = [];

    /// <summary>All environments in the order in which people look for them.</summary>
    public static ImmutableArray<EnvironmentInfo> All { get; } = [.. Entries.Select(entry => entry.Info)];

    /// <summary>From now on names of this scheme are known as well; a second one of the same prefix replaces the first.</summary>
    public static void Add(IEnvironmentScheme scheme) => Schemes[scheme.Prefix] = scheme;

    /// <exception cref="UnknownEnvironmentException">Names the nearest right one.</exception>
    public static EnvironmentInfo Find(string name) => Entry(name).Info;

    /// <summary>Builds an environment: the task, then its time limit, the action repeat, and the form of its observations.</summary>
    /// <param name="options">What to build.</param>
    /// <param name="seed">Gymnasium's or the Control suite's seed for the tasks that they have.</param>
    /// <exception cref="UnknownEnvironmentException">Names the nearest right one.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static IEnvironment Make(EnvironmentOptions options, ulong seed)
    {
        options.Validate();
        var environment = MakeBare(options, seed);
        var limit = options.TimeLimit > 0 ? options.TimeLimit : Find(options.Name).StepLimit;
        environment = limit > 0 ? new TimeLimit(environment, limit) : environment;
        environment = options.ActionRepeat > 1 ? new ActionRepeat(environment, options.ActionRepeat, options.MaxPool) : environment;
        environment = ResizeImages.Changes(environment.Spec, options.Size) ? new ResizeImages(environment, options.Size) : environment;
        environment = options.Grayscale ? new Grayscale(environment) : environment;
        return options.OneHot ? new OneHot(environment) : environment;
    }

    /// <summary>Builds the task alone, without limit, repeat or other wrappers.</summary>
    /// <exception cref="UnknownEnvironmentException">Names the nearest right one.</exception>
    internal static IEnvironment MakeBare(EnvironmentOptions options, ulong seed) => Entry(options.Name).Make(options, seed);

    /// <summary>What the environment of these options shows and accepts.</summary>
    /// <exception cref="UnknownEnvironmentException">Names the nearest right one.</exception>
    public static EnvironmentSpec SpecOf(EnvironmentOptions options)
    {
        using var environment = Make(options, seed: 0);
        return environment.Spec;
    }

    private static (EnvironmentInfo Info, EnvironmentFactory Make) Entry(string name)
    {
        foreach (var entry in Entries)
        {
            if (entry.Info.Name == name)
            {
                return entry;
            }
        }

        if (name.IndexOf(':') is > 0 and var colon && Schemes.TryGetValue(name[..colon], out var scheme))
        {
            return (scheme.Find(name), scheme.Make);
        }

        throw new UnknownEnvironmentException(name, [.. All.Select(info => info.Name)]);
    }

    private static (EnvironmentInfo Info, EnvironmentFactory Make) Task(EnvironmentInfo info, ITaskRules rules) =>
        (info, (options, seed) => new TaskEnvironment(info.Name, rules, options.Observation, options.Size, seed));

    private static (EnvironmentInfo Info, EnvironmentFactory Make) Control(EnvironmentInfo info, IControlTask task) =>
        (info, (options, seed) => new ControlEnvironment(
            info.Name, task, options.Mujoco, options.Observation, options.Size, seed,
            Picture(options)));

    private static IPicture? Picture(EnvironmentOptions options) => options switch
    {
        { Observation: ObservationKind.Vector } => null,
        { Renderer: RendererKind.Mujoco } => new MujocoPicture(),
        _ => new SoftwarePicture(),
    };
}
