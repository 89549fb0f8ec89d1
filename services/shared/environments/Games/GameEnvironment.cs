using Dreamer.Environments.Recordings;
using Dreamer.Environments.Rendering;
using Dreamer.Environments.Tasks;
using Dreamer.Spaces;

namespace Dreamer.Environments.Games;

/// <summary>Runs an <see cref="IGame"/> as an environment. No time limit: see <see cref="Wrappers.TimeLimit"/>.</summary>
public sealed class GameEnvironment : IEnvironment, IReplayable
{
    private const int RecordedSize = 64;

    private readonly string name;
    private readonly IGame game;
    private readonly ObservationViews views;
    private Outcome last;
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
        Begin();
        Show(into);
        into.Set(reward: 0, isFirst: true, isLast: false, isTerminal: false);
    }

    /// <exception cref="ArgumentException">The action does not fit.</exception>
    /// <exception cref="InvalidOperationException">No episode is running.</exception>
    public void Step(ReadOnlySpan<float> action, TimeStep into)
    {
        ActionRules.Check(name, Spec.Action, action);
        Advance(ActionRules.Choice(action));
        Show(into);
        into.Set((float)last.Reward, isFirst: false, isLast: last.Terminated, isTerminal: last.Terminated);
    }

    /// <summary>The first episode is that of the seed that the game was made with.</summary>
    public void Begin(IReadOnlyDictionary<string, double[]> start)
    {
        Begin();
        DrawUnseen();
    }

    /// <exception cref="ArgumentException">The action is no choice of the game.</exception>
    public void Advance(ReadOnlySpan<double> action)
    {
        if (action.Length != 1 || action[0] != Math.Floor(action[0]) || action[0] < 0 || action[0] >= game.Actions)
        {
            throw new ArgumentException($"[{string.Join(", ", action.ToArray())}] is no action of {name}, which takes {Spec.Action}");
        }

        Advance((int)action[0]);
        DrawUnseen();
    }

    /// <summary><c>state</c> (the vector), <c>reward</c>, <c>terminated</c>, and what the game itself can tell.</summary>
    public double[] Read(string quantity) => quantity switch
    {
        "state" => Observe(),
        "reward" => [last.Reward],
        "terminated" => [last.Terminated ? 1 : 0],
        _ => game.Read(quantity) ?? throw new KeyNotFoundException($"{name} has no quantity '{quantity}'."),
    };

    public void Dispose()
    {
    }

    private void Begin()
    {
        game.Reset();
        (last, running) = (default, true);
    }

    private void Advance(int action)
    {
        if (!running)
        {
            throw new InvalidOperationException($"{name} has no episode running: call Reset first.");
        }

        last = game.Advance(action);
        running = !last.Terminated;
    }

    // Recordings were made with pictures, and drawing one may take numbers from a game's generator.
    private void DrawUnseen() => game.Draw(new Canvas(new byte[RecordedSize * RecordedSize * 3], RecordedSize, RecordedSize));

    private double[] Observe()
    {
        var vector = new float[game.VectorSize];
        game.Observe(vector);
        return [.. vector.Select(value => (double)value)];
    }

    private void Show(TimeStep into)
    {
        into.Facts = game.Facts;
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
