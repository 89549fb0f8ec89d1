using System.Numerics;
using Dreamer.Environments.CarRacing;
using Dreamer.Environments.Numpy;
using Dreamer.Environments.Tasks;
using Dreamer.Spaces;

namespace Dreamer.Environments.Tests;

/// <summary>Tracks, rules, pictures and controls; that bodies move as in the original is held by <see cref="RecordingReplayTests"/>.</summary>
public sealed class CarRacingTests
{
    private static readonly RacingRecording Recorded = RacingRecording.Load();

    [Fact]
    public void Tracks_are_those_of_the_seed()
    {
        Assert.Contains(Recorded.Tracks, course => course.Attempts > 1);
        foreach (var course in Recorded.Tracks)
        {
            var track = Track.Draw(new Generator(course.Seed));
            Assert.Equal(course.Tiles, track.Tiles.Length);
            foreach (var (index, point) in course.Points)
            {
                var (bearing, heading, x, y) = track.Points[index];
                AssertClose(point, [bearing, heading, x, y], 1e-9);
            }

            var polygons = track.Borders.SelectMany(border => border is null ? new[] { false } : [false, true]).ToArray();
            Assert.Equal(course.Polygons, Enumerable.Range(0, polygons.Length).Where(index => polygons[index]));
        }
    }

    [Fact]
    public void An_episode_ends_with_the_last_tile_or_outside_the_field()
    {
        var (race, steps) = Start("lap");
        var outcomes = steps.Select(step => Advance(race, step)).ToArray();
        Assert.Equal(race.Track.Tiles.Length, race.Visited);
        Assert.True(outcomes[^1].Terminated);
        Assert.DoesNotContain(outcomes[..^1], outcome => outcome.Terminated);
        Assert.Equal(1000 - (0.1 * steps.Length), outcomes.Sum(outcome => outcome.Reward), 1e-6);

        (race, steps) = Start("leave");
        outcomes = [.. steps.Select(step => Advance(race, step))];
        Assert.Equal(new Outcome(-100, true), outcomes[^1]);
        Assert.InRange(race.Car.Hull.Origin.X, 2000 / 6f, 335);
    }

    [Fact]
    public void Pictures_are_those_of_the_original_but_for_soft_edges_and_two_levels_of_brightness()
    {
        var (race, steps) = Start("random");
        var picture = new RacePicture(alongMotion: false);
        var ours = new byte[RacePicture.Size * RacePicture.Size * 3];
        var compared = 0;
        foreach (var step in steps)
        {
            Advance(race, step);
            if (step.Frame is null)
            {
                continue;
            }

            picture.Draw(race, ours);
            var errors = ours.Zip(step.Frame, (mine, theirs) => Math.Abs(mine - theirs)).ToArray();
            Assert.InRange(errors.Average(), 0, 2.2);
            Assert.InRange(errors.Count(error => error > 8), 0, errors.Length / 50);
            compared++;
        }

        Assert.Equal(3, compared);
    }

    [Fact]
    public void The_camera_of_2017_looks_along_the_motion()
    {
        var (sliding, steps) = Start("random");
        AdvanceUntil(sliding, steps, () => Aside(sliding) > 0.9);
        Assert.InRange(RedWidth(sliding, alongMotion: false), 3, 4);
        Assert.InRange(RedWidth(sliding, alongMotion: true), 6, 8);

        (var rolling, steps) = Start("lap");
        AdvanceUntil(rolling, steps, () => Aside(rolling) < 0.05 && Math.Abs(rolling.Car.Hull.Right.X) is > 0.6f and < 0.8f);
        Assert.InRange(RedWidth(rolling, alongMotion: true), 2, 4);
    }

    [Fact]
    public void Gas_and_brake_are_off_at_minus_one_and_the_car_moves_only_with_gas()
    {
        Assert.InRange(SpeedAfter(60, [0, -1, -1]), 0, 0.2);
        Assert.InRange(SpeedAfter(60, [0, 1, -1]), 20, 100);
        Assert.Equal(SpeedAfter(60, [0, 0, -1]), SpeedAfter(60, [0, 0, -4]));
        Assert.InRange(SpeedAfter(60, [0, 1, 1]), 0, 1);
    }

    [Fact]
    public void A_right_turn_has_a_right_steering_angle_and_a_clockwise_spin()
    {
        using var environment = Make(ObservationKind.Vector);
        var step = new TimeStep(environment.Spec);
        environment.Reset(step);
        for (var time = 0; time < 40; time++)
        {
            environment.Step([1, -0.5f, -1], step);
        }

        var vector = step.Floats(0);
        Assert.InRange(vector[5], -0.45f, -0.35f);
        Assert.InRange(vector[6], -5f, -0.1f);
    }

    [Fact]
    public void Images_come_in_any_size_with_or_without_the_dashboard()
    {
        using var road = Make(ObservationKind.Image);
        using var whole = Make(ObservationKind.Both, new CarRacingOptions { Crop = false });
        using var original = Make(ObservationKind.Image, new CarRacingOptions { Crop = false }, RacePicture.Size);
        var (first, second, third) = (new TimeStep(road.Spec), new TimeStep(whole.Spec), new TimeStep(original.Spec));
        road.Reset(first);
        whole.Reset(second);
        original.Reset(third);
        Assert.Equal(["image:uint8:64x64x3"], road.Spec.Observations.Select(tensor => tensor.ToString()));
        Assert.Equal(["image:uint8:64x64x3", "vector:float32:7"], whole.Spec.Observations.Select(tensor => tensor.ToString()));

        Assert.True(IsLit(first.Observations[0], 64, row: 60));
        Assert.False(IsLit(second.Observations[0], 64, row: 57));
        var picture = new byte[RacePicture.Size * RacePicture.Size * 3];
        new RacePicture(alongMotion: false).Draw(new Race(new Generator(3)), picture);
        Assert.Equal(picture, third.Observations[0]);
    }

    [Fact]
    public void Episodes_end_at_a_thousand_steps_and_the_next_has_another_track()
    {
        using var environment = Make(ObservationKind.Vector);
        var step = new TimeStep(environment.Spec);
        Assert.Throws<InvalidOperationException>(() => environment.Step([0, 0, 0], step));
        environment.Reset(step);
        var length = 0;
        for (; !step.IsLast; length++)
        {
            environment.Step([0, -1, -1], step);
        }

        Assert.Equal((1000, false), (length, step.IsTerminal));
        var random = new Generator(3);
        var tracks = (Track.Draw(random).Points[5], Track.Draw(random).Points[5]);
        Assert.NotEqual(tracks.Item1, tracks.Item2);
    }

    private static (Race Race, RacingRecording.Step[] Steps) Start(string kind)
    {
        var episode = Recorded.Episodes.Single(episode => episode.Kind == kind);
        return (new Race(new Generator(episode.Seed)), episode.Steps);
    }

    private static Outcome Advance(Race race, RacingRecording.Step step) =>
        race.Step(step.Action[0], step.Action[1], step.Action[2]);

    /// <summary>Past the zoom of the first second, until something is seen.</summary>
    private static void AdvanceUntil(Race race, RacingRecording.Step[] steps, Func<bool> seen)
    {
        foreach (var step in steps.TakeWhile(_ => race.Seconds < 1 || !seen()))
        {
            Advance(race, step);
        }

        Assert.True(seen());
    }

    /// <summary>Share of the hull's speed that points sideways.</summary>
    private static double Aside(Race race) => Math.Abs(Vector2.Dot(race.Car.Hull.Velocity, race.Car.Hull.Right)) / race.Car.Speed;

    private static void AssertClose(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.InRange(expected.Zip(actual, (left, right) => Math.Abs(left - right)).Max(), 0, tolerance);
    }

    /// <summary>Columns that show the red hull.</summary>
    private static int RedWidth(Race race, bool alongMotion)
    {
        var pixels = new byte[RacePicture.Size * RacePicture.Size * 3];
        new RacePicture(alongMotion).Draw(race, pixels);
        return Enumerable.Range(43, 10).Count(column => Enumerable.Range(66, 12).Any(row =>
            pixels.AsSpan(((row * RacePicture.Size) + column) * 3, 3) is [> 130 and < 230, < 60, < 60]));
    }

    private static IEnvironment Make(ObservationKind observation, CarRacingOptions? options = null, int size = 64) => EnvironmentRegistry.Make(
        new EnvironmentOptions { Name = "CarRacing-v3", Observation = observation, Size = size, CarRacing = options ?? new CarRacingOptions() }, seed: 3);

    private static float SpeedAfter(int steps, float[] action)
    {
        using var environment = Make(ObservationKind.Vector);
        var step = new TimeStep(environment.Spec);
        environment.Reset(step);
        for (var time = 0; time < steps; time++)
        {
            environment.Step(action, step);
        }

        return step.Floats(0)[0];
    }

    private static bool IsLit(byte[] image, int size, int row) =>
        image.AsSpan(row * size * 3, size * 3).IndexOfAnyInRange((byte)90, (byte)255) == 0;
}
