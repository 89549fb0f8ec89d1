using System.Diagnostics;
using Dreamer.Environments;
using Dreamer.Policies;
using Dreamer.Reporting;
using Dreamer.Spaces;
using Microsoft.Extensions.Logging;

namespace Dreamer.Learner;

/// <summary>
/// Now and then plays an episode with the newest weights, as evaluation does, and keeps it as a film in the logdir. It acts in an
/// environment of its own, from seeds that training does not use, so the run is the same with and without.
/// </summary>
/// <param name="task">Of the run.</param>
/// <param name="seed">Of the run.</param>
/// <param name="period">Seconds between two films, 0 for none.</param>
internal sealed partial class EpisodeFilm(
    EnvironmentOptions task, ulong seed, Logdir logdir, TrainingProgress progress, double period, TimeProvider time, ILogger<EpisodeFilm> logger)
{
    private const string Name = "episode";
    private const ulong SeedOffset = 2_000_000_011;
    private const int MostSteps = 1000;
    private const int MostFrames = 250;
    private const int FilmsKept = 20;
    private const double FramesPerSecond = 30;

    // Of tasks that the agent does not see.
    private const int Size = 128;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Where the learner's weights are to be published as well.</summary>
    public PolicyMailbox Weights { get; } = new();

    /// <summary>Whether there will be films: worlds of other processes are not ours to open, and the fake one shows nothing.</summary>
    public bool Wanted => period > 0 && !task.Name.Contains(':', StringComparison.Ordinal) && task.Name != "fake";

    /// <summary>Films until cancelled. What goes wrong is logged and ends the filming, not the run.</summary>
    public void Run(CancellationToken cancellation)
    {
        try
        {
            var version = -1L;
            using var environment = EnvironmentRegistry.Make(
                task.Observation == ObservationKind.Vector ? task with { Observation = ObservationKind.Both, Size = Size } : task, seed + SeedOffset);
            while (true)
            {
                var weights = Weights.NextAsync(version, cancellation).AsTask().GetAwaiter().GetResult();
                version = weights.Version;
                var frames = Play(environment, PolicyFactory.Create(weights, slots: 1, seed + SeedOffset, PolicyPurpose.Evaluate), cancellation);

                // A long episode plays faster: films are to be looked at, and there are many.
                var stride = (frames.Count + MostFrames - 1) / MostFrames;
                logdir.WritePicture(progress.Snapshot().EnvSteps, Name, [.. frames.Where((_, index) => index % stride == 0)], FramesPerSecond);
                logdir.PrunePictures(Name, FilmsKept);
                Task.Delay(TimeSpan.FromSeconds(period), time, cancellation).GetAwaiter().GetResult();
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
        catch (Exception failure)
        {
            Log.NoFilms(logger, failure.Message);
        }
    }

    private List<Raster> Play(IEnvironment environment, IPolicy policy, CancellationToken cancellation)
    {
        var spec = environment.Spec;
        var image = Enumerable.Range(0, spec.Observations.Length).First(index => spec.Observations[index].IsImage);
        var shape = spec.Observations[image].Shape;
        var (shown, seen, action) = (new TimeStep(spec), Seen(spec), new float[spec.Action.Size]);
        foreach (var (tensor, index) in seen.Spec.Observations.Select((tensor, index) => (tensor, index)))
        {
            seen.Observations[index] = shown.Observations[spec.Observations.IndexOf(tensor)];
        }

        var frames = new List<Raster>();
        var start = Stopwatch.GetTimestamp();
        for (environment.Reset(shown); ; environment.Step(action, shown))
        {
            cancellation.ThrowIfCancellationRequested();
            frames.Add(new Raster(shape[0], shape[1], shape[2], shown.Observations[image].ToArray()));
            if (shown.IsLast || frames.Count == MostSteps || Stopwatch.GetElapsedTime(start) > Patience)
            {
                return frames;
            }

            seen.Set(shown.Reward, shown.IsFirst, shown.IsLast, shown.IsTerminal);
            policy.Act([0], [seen], action);
        }
    }

    // What the policy was made for.
    private TimeStep Seen(EnvironmentSpec spec) => new(
        task.Observation == ObservationKind.Vector ? new EnvironmentSpec(spec.Action, [.. spec.Observations.Where(tensor => !tensor.IsImage)]) : spec);

    private static partial class Log
    {
        [LoggerMessage(31, LogLevel.Information, "no films of episodes: {Reason}")]
        public static partial void NoFilms(ILogger logger, string reason);
    }
}
