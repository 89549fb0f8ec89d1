using System.Collections.Immutable;
using System.Xml.Linq;
using Dreamer.Environments.Mujoco;
using Dreamer.Environments.Numpy;
using Dreamer.Environments.Recordings;
using Dreamer.Spaces;

namespace Dreamer.Environments.Control;

/// <summary>
/// Runs an <see cref="IControlTask"/> on MuJoCo. Seeded like the suite: the episodes are those of a task with NumPy's
/// <c>RandomState(seed)</c>. No time limit: see <see cref="Wrappers.TimeLimit"/>.
/// </summary>
public sealed class ControlEnvironment : IEnvironment, IReplayable
{
    private readonly string name;
    private readonly IControlTask task;
    private readonly string library;
    private readonly IPicture? picture;
    private readonly RandomState random;
    private readonly double[] observation;
    private readonly double[] control;
    private readonly (int Index, int Start)[] vectors;
    private readonly int imageIndex;
    private readonly int imageSize;
    private double[] drawn = [];
    private double reward;
    private Physics? physics;
    private bool running;

    /// <param name="name">For error messages.</param>
    /// <param name="task">Stateless; may be shared.</param>
    /// <param name="library">MuJoCo's file, or empty, see <see cref="MujocoLibrary.Load"/>; loaded when an episode starts, not for the spec.</param>
    /// <param name="observation">What to show.</param>
    /// <param name="imageSize">Height and width of the picture in pixels.</param>
    /// <param name="seed">The suite's; above 32 bits its halves are mixed.</param>
    /// <param name="picture">Draws the key <c>image</c>; owned from here on. Not needed for vectors.</param>
    /// <exception cref="ArgumentException">An image is asked for without anything that draws it.</exception>
    public ControlEnvironment(
        string name, IControlTask task, string library, ObservationKind observation, int imageSize, ulong seed, IPicture? picture = null)
    {
        var showsImage = observation != ObservationKind.Vector;
        if (showsImage && picture is null)
        {
            throw new ArgumentException($"env.observation: {name} shows vectors only.");
        }

        (this.name, this.task, this.library, this.imageSize, this.picture) = (name, task, library, imageSize, showsImage ? picture : null);
        random = new RandomState((uint)(seed ^ (seed >> 32)));
        this.observation = new double[task.Observations.Sum(tensor => tensor.Size)];
        control = new double[task.ControlSize];
        Spec = new EnvironmentSpec(new ActionSpec(ActionKind.Continuous, task.ControlSize),
        [
            .. showsImage ? [new TensorSpec("image", DType.UInt8, imageSize, imageSize, 3)] : Array.Empty<TensorSpec>(),
            .. observation != ObservationKind.Image
                ? task.Observations.Select(tensor => new TensorSpec(tensor.Key, DType.Float32, tensor.Size))
                : [],
        ]);
        vectors = [.. Vectors()];
        imageIndex = Spec.Observations.ToList().FindIndex(tensor => tensor.IsImage);
    }

    public EnvironmentSpec Spec { get; }

    /// <summary>The simulation: for whoever draws it or replays a recording.</summary>
    /// <exception cref="MujocoException">MuJoCo is missing or of an unknown version.</exception>
    public Physics Physics => physics ??= Load();

    /// <summary>Keys of the observation with the length of each, in the suite's order.</summary>
    public ImmutableArray<(string Key, int Size)> Keys => task.Observations;

    /// <summary>The newest observation in double precision: all <see cref="Keys"/> one after another.</summary>
    public ReadOnlySpan<double> Observation => observation;

    /// <exception cref="MujocoException">MuJoCo is missing or of an unknown version.</exception>
    public void Reset(TimeStep into)
    {
        Begin();
        Show(into);
        into.Set(reward: 0, isFirst: true, isLast: false, isTerminal: false);
    }

    /// <exception cref="ArgumentException">The action does not fit.</exception>
    /// <exception cref="InvalidOperationException">No episode is running.</exception>
    /// <exception cref="MujocoException">The simulation became unstable.</exception>
    public void Step(ReadOnlySpan<float> action, TimeStep into)
    {
        ActionRules.Check(name, Spec.Action, action);
        var range = Physics.Model.ControlRange;
        for (var index = 0; index < control.Length; index++)
        {
            control[index] = ActionRules.Rescale(action[index], range[2 * index], range[(2 * index) + 1]);
        }

        var reward = Advance(control);
        Show(into);
        into.Set((float)reward, isFirst: false, isLast: false, isTerminal: false);
    }

    /// <summary>Starts an episode without a record: what replays of recordings use.</summary>
    public void Begin()
    {
        Physics.Reset();
        task.Begin(Physics, random);
        Start();
    }

    /// <summary>Starts an episode in a state of one's own choice; bodies that are not part of the state stay where they are.</summary>
    /// <param name="position">Generalised positions.</param>
    /// <param name="velocity">Generalised velocities.</param>
    /// <param name="activation">States of the actuators that have any.</param>
    public void BeginAt(ReadOnlySpan<double> position, ReadOnlySpan<double> velocity, ReadOnlySpan<double> activation)
    {
        Physics.Reset();
        position.CopyTo(Physics.Data.Position);
        velocity.CopyTo(Physics.Data.Velocity);
        activation.CopyTo(Physics.Data.Activation);
        Start();
    }

    /// <summary>One control step in the actuators' own units, without a record; returns the reward.</summary>
    /// <param name="control">[A]</param>
    /// <exception cref="InvalidOperationException">No episode is running.</exception>
    /// <exception cref="MujocoException">The simulation became unstable.</exception>
    public double Advance(ReadOnlySpan<double> control)
    {
        if (!running)
        {
            throw new InvalidOperationException($"{name} has no episode running: call Reset first.");
        }

        control.CopyTo(Physics.Data.Control);
        Physics.Step(task.SubSteps);
        Observe();
        return reward = task.Reward(Physics);
    }

    /// <summary>
    /// Draws the next episode's start, and keeps it where it is the one given: <c>qpos</c>, <c>qvel</c>, <c>act</c> and, where the task moves
    /// such things, <c>geom_pos</c> and <c>site_pos</c>. Only a drawn start has all that the solver carries on from settling.
    /// </summary>
    public void Begin(IReadOnlyDictionary<string, double[]> start)
    {
        Begin();
        drawn = [.. start.Keys.SelectMany(key => Place(key).ToArray())];
        if (!drawn.AsSpan().SequenceEqual([.. start.Values.SelectMany(numbers => numbers)]))
        {
            foreach (var (key, numbers) in start)
            {
                if (numbers.Length != Place(key).Length)
                {
                    throw new ArgumentException($"{key} has {numbers.Length} numbers, {name} has {Place(key).Length}");
                }
            }

            foreach (var key in start.Keys.Where(key => key.EndsWith("_pos", StringComparison.Ordinal)))
            {
                start[key].CopyTo(Place(key));
            }

            BeginAt(start["qpos"], start["qvel"], start["act"]);
        }
    }

    /// <exception cref="ArgumentException">The action has another length.</exception>
    void IReplayable.Advance(ReadOnlySpan<double> action)
    {
        if (action.Length != control.Length)
        {
            throw new ArgumentException($"an action has {action.Length} numbers, {name} takes {control.Length}");
        }

        Advance(action);
    }

    /// <summary>What <see cref="Begin(IReadOnlyDictionary{string, double[]})"/> takes, its <c>start</c> as drawn, <c>observation</c> and <c>reward</c>.</summary>
    public double[] Read(string quantity) => quantity switch
    {
        "start" => drawn,
        "observation" => [.. observation],
        "reward" => [reward],
        _ => Place(quantity).ToArray(),
    };

    public void Dispose()
    {
        physics?.Dispose();
        picture?.Dispose();
    }

    private Span<double> Place(string quantity) => quantity switch
    {
        "qpos" => Physics.Data.Position,
        "qvel" => Physics.Data.Velocity,
        "act" => Physics.Data.Activation,
        "geom_pos" => Physics.Model.GeomPosition,
        "site_pos" => Physics.Model.SitePosition,
        _ => throw new KeyNotFoundException($"{name} has no quantity '{quantity}'."),
    };

    /// <summary>Where each key lies in the records, and where it starts in the observation.</summary>
    private IEnumerable<(int Index, int Start)> Vectors()
    {
        var start = 0;
        foreach (var (key, size) in task.Observations)
        {
            if (Spec.Observations.ToList().FindIndex(tensor => tensor.Key == key) is >= 0 and var index)
            {
                yield return (index, start);
            }

            start += size;
        }
    }

    private Physics Load()
    {
        var model = task.Model();
        if (picture is { NeedsSky: true })
        {
            ControlModel.AddSky(model);
        }

        return new Physics(MujocoLibrary.Load(library), model.ToString(SaveOptions.DisableFormatting));
    }

    private void Start()
    {
        Physics.Settle();
        Observe();
        running = true;
    }

    private void Observe()
    {
        var writer = new ObservationWriter(observation);
        task.Observe(Physics, ref writer);
    }

    private void Show(TimeStep into)
    {
        foreach (var (index, start) in vectors)
        {
            var shown = into.Floats(index);
            for (var element = 0; element < shown.Length; element++)
            {
                shown[element] = (float)observation[start + element];
            }
        }

        picture?.Draw(Physics, task.Camera, into.Observations[imageIndex], imageSize);
    }
}
