using Dreamer.Environments.Numpy;
using Dreamer.Environments.Rendering;
using Dreamer.Spaces;

namespace Dreamer.Environments.Tasks;

/// <summary>
/// Runs <see cref="ITaskRules"/> as an environment. Seeded like Gymnasium: the first episode is that of
/// <c>reset(seed=s)</c>, later ones draw on from the same generator. No time limit: see <see cref="Wrappers.TimeLimit"/>.
/// </summary>
public sealed class TaskEnvironment : IEnvironment
{
    private readonly string name;
    private readonly ITaskRules rules;
    private readonly Generator random;
    private readonly double[] state;
    private readonly ObservationViews views;
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
        rules.Begin(random, state);
        running = true;
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

        var outcome = rules.Advance(state, action);
        running = !outcome.Terminated;
        return outcome;
    }

    public void Dispose()
    {
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
