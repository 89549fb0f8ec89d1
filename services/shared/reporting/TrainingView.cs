using Spectre.Console;

namespace Dreamer.Reporting;

/// <summary>Shows training while it runs: a live table in a terminal, else one plain line every few seconds.</summary>
/// <param name="source">Called for each refresh.</param>
/// <param name="console">Where to; its capabilities decide on the form.</param>
/// <param name="clock">Source of time.</param>
public sealed class TrainingView(Func<TrainingSnapshot> source, IAnsiConsole console, TimeProvider clock)
{
    private static readonly TimeSpan LivePeriod = TimeSpan.FromMilliseconds(500);

    /// <summary>Time between two plain lines.</summary>
    public TimeSpan LinePeriod { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Shows until cancelled, then a last time; returns without an exception.</summary>
    public Task RunAsync(CancellationToken cancellation) =>
        console.Profile.Capabilities.Interactive && console.Profile.Capabilities.Ansi ? RunLiveAsync(cancellation) : RunPlainAsync(cancellation);

    private async Task RunPlainAsync(CancellationToken cancellation)
    {
        while (await PauseAsync(LinePeriod, cancellation))
        {
            WriteLine();
        }

        WriteLine();
    }

    private Task RunLiveAsync(CancellationToken cancellation) =>
        console.Live(Table()).StartAsync(async live =>
        {
            while (await PauseAsync(LivePeriod, cancellation))
            {
                live.UpdateTarget(Table());
            }

            live.UpdateTarget(Table());
        });

    // Straight to the writer: the console would wrap at its guess of a width.
    private void WriteLine()
    {
        console.Profile.Out.Writer.WriteLine(TrainingFormat.Line(source()));
        console.Profile.Out.Writer.Flush();
    }

    private Table Table()
    {
        var table = new Table().Border(TableBorder.Rounded).HideHeaders().AddColumn("").AddColumn("");
        foreach (var (label, value) in TrainingFormat.Rows(source()))
        {
            table.AddRow(new Text(label), new Text(value));
        }

        return table;
    }

    private async Task<bool> PauseAsync(TimeSpan period, CancellationToken cancellation)
    {
        try
        {
            await Task.Delay(period, clock, cancellation);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
