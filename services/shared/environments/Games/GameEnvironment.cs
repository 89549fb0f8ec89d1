using Dreamer.Spaces;

namespace Dreamer.Environments.Games;

/// <summary>Runs an <see cref="IGame"/> as an environment. No time limit: see <see cref="Wrappers.TimeLimit"/>.</summary>
public sealed class GameEnvironment : IEnvironment
{
    private readonly string name;
    private readonly IGame game;
    private readonly ObservationViews views;
    private bool running;

    /// <param name="name">For error messages.</param>
    /// <param name="game">Owned: it keeps the state of the episode.</param>
    /// <param name="observation">What to show.</param>
    /// <param name="imageSize">Height and width of the picture in pixels.</param>
    public GameEnvironment(string name, IGame game, ObservationKind observation, int imageSize)
    {
        (this.name, this.game) = (name, game);
        views = new ObservationViews(observation, imageSize, game.VectorSize);
        Spec = new EnvironmentSpec(new ActionSpec(ActionKind.Discrete, game.Actions), views.Tensors);
    }

    public EnvironmentSpec Spec { get; }

    public void Reset(TimeStep into)
    {
        game.Reset();
        running = true;
        Show(into);
        into.Set(reward: 0, isFirst: true, isLast: false, isTerminal: false);
    }

    /// <exception cref="ArgumentException">The action does not fit.</exception>
    /// <exception cref="InvalidOperationException">No episode is running.</exception>
    public void Step(ReadOnlySpan<float> action, TimeStep into)
    {
        ActionRules.Check(name, Spec.Action, action);
        if (!running)
        {
            throw new InvalidOperationException($"{name} has no episode running: call Reset first.");
        }

        var outcome = game.Advance(ActionRules.Choice(action));
        running = !outcome.Terminated;
        Show(into);
        into.Set((float)outcome.Reward, isFirst: false, isLast: outcome.Terminated, isTerminal: outcome.Terminated);
    }

    public void Dispose()
    {
    }

    private void Show(TimeStep into)
    {
        if (views.Vector(into, out var vector))
        {
            game.Observe(vector);
        }

        if (views.Image(into, out var canvas))
        {
            game.Draw(canvas);
        }
    }
}
