using Dreamer.Environments.Numpy;
using Dreamer.Environments.Recordings;
using Dreamer.Environments.Rendering;
using Dreamer.Environments.Tasks;
using Dreamer.Spaces;

namespace Dreamer.Environments.CarRacing;

/// <summary>
/// Drive a car around a random track seen from above (Gymnasium's CarRacing-v3, World Models' task; 50 steps per second).
/// Actions: steering, -1 is left; gas and brake, each from none at -1 to full at 1. Image: the original's 96x96 picture, resized;
/// vector: what the dashboard shows (speed, four wheels' speeds, steering angle, spin), which tells nothing of the road.
/// </summary>
public sealed class CarRacingEnvironment : IEnvironment, IReplayable
{
    internal const string Name = "CarRacing-v3";

    private static readonly ActionSpec Actions = new(ActionKind.Continuous, 3);

    private readonly Generator random;
    private readonly RacePicture? picture;
    private readonly byte[] drawn = [];
    private readonly BilinearResize? resize;
    private readonly ObservationViews views;
    private Race? race;
    private Outcome last;
    private bool running;

    /// <param name="options">Rules and picture.</param>
    /// <param name="observation">What to show.</param>
    /// <param name="imageSize">Height and width of the image in pixels.</param>
    /// <param name="seed">Gymnasium's seed; later episodes draw on from the same generator.</param>
    public CarRacingEnvironment(CarRacingOptions options, ObservationKind observation, int imageSize, ulong seed)
    {
        random = new Generator(seed);
        views = new ObservationViews(observation, imageSize, vectorSize: 7);
        Spec = new EnvironmentSpec(Actions, views.Tensors);
        if (observation != ObservationKind.Vector)
        {
            picture = new RacePicture(alongMotion: options.Rules == CarRacingOptions.Of2017);
            drawn = new byte[RacePicture.Size * RacePicture.Size * 3];
            resize = new BilinearResize(RacePicture.Size, options.Crop ? RacePicture.RoadRows : RacePicture.Size, imageSize, imageSize);
        }
    }

    public EnvironmentSpec Spec { get; }

    public void Reset(TimeStep into)
    {
        Show(Begin(), into);
        into.Set(reward: 0, isFirst: true, isLast: false, isTerminal: false);
    }

    /// <exception cref="ArgumentException">The action does not fit.</exception>
    /// <exception cref="InvalidOperationException">No episode is running.</exception>
    public void Step(ReadOnlySpan<float> action, TimeStep into)
    {
        ActionRules.Check(Name, Actions, action);
        Show(Advance(
            ActionRules.Rescale(action[0], -1, 1), ActionRules.Rescale(action[1], 0, 1), ActionRules.Rescale(action[2], 0, 1)), into);
        into.Set((float)last.Reward, isFirst: false, isLast: last.Terminated, isTerminal: last.Terminated);
    }

    /// <summary>The first episode is that of the seed that the environment was made with.</summary>
    public void Begin(IReadOnlyDictionary<string, double[]> start) => Begin();

    /// <summary>Steering in [-1, 1], gas and brake in [0, 1].</summary>
    /// <exception cref="ArgumentException">The action is not three numbers.</exception>
    public void Advance(ReadOnlySpan<double> action)
    {
        if (action.Length != Actions.Size)
        {
            throw new ArgumentException($"[{string.Join(", ", action.ToArray())}] is no action of {Name}, which takes steering, gas and brake");
        }

        Advance(action[0], action[1], action[2]);
    }

    /// <summary>
    /// <c>reward</c>, <c>terminated</c>, <c>visited</c> (tiles), or <c>state</c>: x, y, angle and their velocities of hull and wheels,
    /// then the wheels' rolling speeds.
    /// </summary>
    public double[] Read(string quantity) => quantity switch
    {
        "state" when race is not null =>
        [
            .. Motion(race.Car.Hull),
            .. race.Car.Wheels.SelectMany(wheel => Motion(wheel.Body)),
            .. race.Car.Wheels.Select(wheel => wheel.Roll),
        ],
        "reward" => [last.Reward],
        "terminated" => [last.Terminated ? 1 : 0],
        "visited" => [race?.Visited ?? 0],
        _ => throw new KeyNotFoundException($"{Name} has no quantity '{quantity}'."),
    };

    public void Dispose()
    {
    }

    private Race Begin()
    {
        (last, running) = (default, true);
        return race = new Race(random);
    }

    private Race Advance(double steer, double gas, double brake)
    {
        if (race is null || !running)
        {
            throw new InvalidOperationException($"{Name} has no episode running: call Reset first.");
        }

        last = race.Step(steer, gas, brake);
        running = !last.Terminated;
        return race;
    }

    private static double[] Motion(RigidBody body) =>
        [body.Origin.X, body.Origin.Y, body.Angle, body.Velocity.X, body.Velocity.Y, body.Spin];

    private void Show(Race shown, TimeStep into)
    {
        if (views.Vector(into, out var vector))
        {
            vector[0] = shown.Car.Speed;
            for (var index = 0; index < shown.Car.Wheels.Length; index++)
            {
                vector[1 + index] = (float)shown.Car.Wheels[index].Roll;
            }

            (vector[5], vector[6]) = (shown.Car.Wheels[0].Angle, shown.Car.Hull.Spin);
        }

        if (picture is not null && resize is not null)
        {
            picture.Draw(shown, drawn);
            resize.Apply(drawn, into.Observations[0]);
        }
    }
}
