namespace Dreamer.Environments.Recordings;

/// <summary>Lets an environment of ours follow a recording.</summary>
public static class RecordingReplay
{
    /// <summary>The quantity that says whether the step limit was reached: not the environment's to know.</summary>
    public const string Truncated = "truncated";

    /// <summary>The quantity that says whether the episode truly ended.</summary>
    public const string Terminated = "terminated";

    /// <summary>Replays all episodes.</summary>
    /// <exception cref="UnknownEnvironmentException">We have no environment of the recording's name.</exception>
    /// <exception cref="RecordingFormatException">The environment cannot start as the recording does.</exception>
    public static ReplayReport Run(Recording recording)
    {
        var limit = EnvironmentRegistry.Find(recording.Environment).StepLimit;
        var report = new ReplayReport(recording.Environment);
        IEnvironment? environment = null;
        try
        {
            foreach (var episode in recording.Episodes)
            {
                if (environment is null || episode.Seed is not null)
                {
                    environment?.Dispose();
                    environment = EnvironmentRegistry.MakeBare(new EnvironmentOptions { Name = recording.Environment }, episode.Seed ?? 0);
                }

                Follow(episode, environment as IReplayable ?? throw new KeyNotFoundException("it has no state that could be set"), limit, report);
            }
        }
        catch (Exception unfit) when (unfit is KeyNotFoundException or ArgumentException)
        {
            throw new RecordingFormatException($"{recording.Environment} cannot follow the recording: {unfit.Message}", unfit);
        }
        finally
        {
            environment?.Dispose();
        }

        return report;
    }

    private static void Follow(RecordedEpisode episode, IReplayable environment, int limit, ReplayReport report)
    {
        report.BeginEpisode();
        environment.Begin(episode.Start);
        Compare(episode.First, environment, taken: 0, limit, report);
        var taken = 0;
        foreach (var step in episode.Steps)
        {
            if (step.Restart)
            {
                environment.Begin(new Dictionary<string, double[]>());
                taken = 0;
            }

            environment.Advance(step.Action);
            Compare(step.Checks, environment, ++taken, limit, report);
            report.EndStep();
            if (report.EndedOtherwise)
            {
                break;
            }
        }
    }

    private static void Compare(IEnumerable<Check> checks, IReplayable environment, int taken, int limit, ReplayReport report)
    {
        foreach (var check in checks)
        {
            var actual = check.Quantity == Truncated ? [limit > 0 && taken >= limit ? 1 : 0] : environment.Read(check.Quantity);
            report.Add(check, check.Error(actual));
        }
    }
}
