using Dreamer.Environments.Numpy;
using Dreamer.Environments.Recordings;
using Dreamer.Environments.Rendering;
using Dreamer.Spaces;

namespace Dreamer.Environments.Tasks;

/// <summary>
/// Runs <see cref="ITaskRules"/> as an environment. Seeded like Gymnasium: the first episode is that of
/// <c>reset(seed=s)</c>, later ones draw on from the same generator. No time limit: see <see cref="Wrappers.TimeLimit"/>.
/// </summary>
public sealed class TaskEnvironment : IEnvironment, IReplayable
{
    private readonly string name;
    private readonly ITaskRules rules;
    private readonly Generator random;
    private readonly double[] state;
    private readonly ObservationViews views;
    private Outcome last;
    private bool running;

    /// <param name="name">For error messages.</param>
    /// <param name="rules">Stateless; may be shared.</param>
    /// <param name="observation">What to show.</param>
    /// <param name="imageSize">Height and width of the picture in pixels.</param>
    /// <param name="seed">Gymnasium's seed.</param>
    public TaskEnvironment(string name, ITaskRules rules, ObservationKind observation, int imageSize, ulong seed)
    {
        (this.name, this.rules) = (name, rules);
        random = new Generator(seed);
        state = new double[rules.StateSize];
        views = new ObservationViews(observation, imageSize, rules.VectorSize);
        Spec = new EnvironmentSpec(rules.Action, views.Tensors);
    }

    public EnvironmentSpec Spec { get; }

    /// <summary>The task's own state in double precision.</summary>
    public ReadOnlySpan<double> State => state;

    public void Reset(TimeStep into)
    {
        Begin();
        Show(into);
        into.Set(reward: 0, isFirst: true, isLast: false, isTerminal: false);
    }

    /// <exception cref="ArgumentException">The action does not fit.</exception>
    /// <exception cref="InvalidOperationException">No episode is running.</exception>
    public void Step(ReadOnlySpan<float> action, TimeStep into)
    {
        ActionRules.Check(name, rules.Action, action);
        var outcome = Advance(rules.Action.Kind == ActionKind.Discrete
            ? ActionRules.Choice(action)
            : ActionRules.Rescale(action[0], rules.ActionLow, rules.ActionHigh));
        Show(into);
        into.Set((float)outcome.Reward, isFirst: false, isLast: outcome.Terminated, isTerminal: outcome.Terminated);
    }

    /// <summary>One step in the task's own units, without an observation: what replays of recordings use.</summary>
    /// <exception cref="InvalidOperationException">No episode is running.</exception>
    public Outcome Advance(double action)
    {
        if (!running)
        {
            throw new InvalidOperationException($"{name} has no episode running: call Reset first.");
        }

        last = rules.Advance(state, action);
        running = !last.Terminated;
        return last;
    }

    /// <summary>The first episode is that of the seed that the environment was made with.</summary>
    public void Begin(IReadOnlyDictionary<string, double[]> start) => Begin();

    /// <exception cref="ArgumentException">The action is not one number, or no choice of the task.</exception>
    public void Advance(ReadOnlySpan<double> action)
    {
        if (action.Length != 1 || (rules.Action.Kind == ActionKind.Discrete && (action[0] != Math.Floor(action[0]) || action[0] < 0 || action[0] >= rules.Action.Size)))
        {
            throw new ArgumentException($"[{string.Join(", ", action.ToArray())}] is no action of {name}, which takes {rules.Action}");
        }

        Advance(action[0]);
    }

    /// <summary><c>state</c>, <c>observation</c>, <c>reward</c> or <c>terminated</c>.</summary>
    public double[] Read(string quantity) => quantity switch
    {
        "state" => [.. state],
        "observation" => Observe(),
        "reward" => [last.Reward],
        "terminated" => [last.Terminated ? 1 : 0],
        _ => throw new KeyNotFoundException($"{name} has no quantity '{quantity}'."),
    };

    public void Dispose()
    {
    }

    private void Begin()
    {
        rules.Begin(random, state);
        (last, running) = (default, true);
    }

    private double[] Observe()
    {
        var vector = new float[rules.VectorSize];
        rules.Observe(state, vector);
        return [.. vector.Select(value => (double)value)];
    }

    private void Show(TimeStep into)
    {
        if (views.Vector(into, out var vector))
        {
            rules.Observe(state, vector);
        }

        if (views.Image(into, out var canvas))
        {
            rules.Draw(state, canvas);
        }
    }
}
