using Dreamer.Reporting;
using Spectre.Console;

namespace Dreamer.Hosting.Tests;

public class TrainingViewTests
{
    [Fact]
    public void Score_is_the_mean_of_the_last_twenty_episodes()
    {
        var progress = new TrainingProgress(1000, 32, new ManualClock());
        Assert.Null(progress.Snapshot().Score);
        for (var i = 0; i < 30; i++)
        {
            progress.AddEpisode(i, 2 * i);
        }

        var snapshot = progress.Snapshot();
        Assert.Equal((19.5, 39.0, 30), (snapshot.Score, snapshot.EpisodeLength, snapshot.Episodes));
    }

    [Fact]
    public void Rates_come_from_the_last_seconds_and_exclude_what_was_resumed()
    {
        var clock = new ManualClock();
        var progress = new TrainingProgress(10_000, 32, clock);
        progress.Count(1000, 100, 32);
        Assert.Equal(0, progress.Snapshot().StepsPerSecond);
        for (var second = 1; second <= 100; second++)
        {
            clock.Advance(1);
            progress.Count(1000 + (second <= 50 ? second : 50 + ((second - 50) * 10)), 100 + (2 * second), 31.5);
        }

        var snapshot = progress.Snapshot();
        Assert.Equal(10, snapshot.StepsPerSecond, 6);
        Assert.Equal(2, snapshot.UpdatesPerSecond, 6);
        Assert.Equal((10_000 - 1550) / 10.0, snapshot.Remaining!.Value.TotalSeconds, 2);
    }

    [Fact]
    public void A_line_says_everything()
    {
        var line = TrainingFormat.Line(new TrainingSnapshot
        {
            EnvSteps = 12_345,
            TotalSteps = 2_000_000,
            Updates = 55,
            Episodes = 40,
            Score = 187.25,
            EpisodeLength = 187,
            StepsPerSecond = 123.4,
            UpdatesPerSecond = 4.567,
            TrainRatio = 31.98,
            TargetTrainRatio = 32,
            Losses = [new("dyn", 1.0204), new("rec", 0.01234)],
            Remaining = TimeSpan.FromSeconds(3905),
            Note = "checkpoint saved",
        });
        Assert.Equal("step 12.3k/2M | score 187 | length 187 | FPS 123 | updates/s 4.57 | train ratio 32/32 | dyn 1.02 rec 0.0123 | ETA 1h 05m | checkpoint saved", line);
    }

    [Theory]
    [InlineData(999_999, "999.9k")]
    [InlineData(9_999, "9999")]
    [InlineData(1_239_999, "1.23M")]
    public void Counts_round_down(long value, string text) => Assert.Equal(text, TrainingFormat.Count(value));

    [Theory]
    [InlineData(double.NaN, "NaN")]
    [InlineData(0.0, "0")]
    [InlineData(-0.00001234, "-1.23e-5")]
    [InlineData(-12.34, "-12.3")]
    [InlineData(null, "-")]
    public void Numbers_are_short(double? value, string text) => Assert.Equal(text, TrainingFormat.Number(value));

    [Theory]
    [InlineData(9, "9s")]
    [InlineData(250, "4m 10s")]
    [InlineData(183_600, "2d 3h")]
    public void Durations_are_short(int seconds, string text) => Assert.Equal(text, TrainingFormat.Duration(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public async Task Without_a_terminal_there_is_one_line_per_period_and_one_at_the_end()
    {
        var output = new StringWriter();
        var clock = new ManualClock();
        using var stop = new CancellationTokenSource();
        var calls = 0;
        var view = new TrainingView(() => new TrainingSnapshot { EnvSteps = ++calls }, Console(output, interactive: false), clock) { LinePeriod = TimeSpan.FromSeconds(5) };
        var running = view.RunAsync(stop.Token);
        clock.Advance(5);
        Assert.True(SpinWait.SpinUntil(() => clock.Timers == 1, TimeSpan.FromMinutes(1)));
        clock.Advance(4);
        await stop.CancelAsync();
        await running;
        Assert.Equal(["step 1", "step 2"], output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line[..6]));
    }

    [Fact]
    public async Task In_a_terminal_there_is_a_table()
    {
        var output = new StringWriter();
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        await new TrainingView(() => new TrainingSnapshot { Score = 42, Note = "[odd] text" }, Console(output, interactive: true), new ManualClock()).RunAsync(stop.Token);
        Assert.Contains("score", output.ToString());
        Assert.Contains("42", output.ToString());
        Assert.Contains("[odd] text", output.ToString());
    }

    private static IAnsiConsole Console(TextWriter output, bool interactive) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(output),
        Ansi = interactive ? AnsiSupport.Yes : AnsiSupport.No,
        Interactive = interactive ? InteractionSupport.Yes : InteractionSupport.No,
    });
}
