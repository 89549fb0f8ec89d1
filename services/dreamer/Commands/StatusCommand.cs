using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Dreamer.Contracts.V1;
using Dreamer.Hosting;
using Dreamer.Operations;
using Spectre.Console;

namespace Dreamer.Commands;

/// <summary><c>dreamer status</c></summary>
internal static class StatusCommand
{
    private static readonly TimeSpan Sample = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WatchPeriod = TimeSpan.FromSeconds(2);
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private static readonly Option<string?> RunDirectory = new("--logdir") { Description = "Directory of a run: of 'up', and its services are asked; of 'train', and its files are read." };
    private static readonly Option<string?> Address = new("--replay") { Description = "Replay service, host:port or URL; token: --replay.token_file FILE of the operator." };
    private static readonly Option<bool> AsJson = new("--json") { Description = "Prints one JSON object per look." };
    private static readonly Option<bool> Watch = new("--watch") { Description = "Looks again every 2 s until Ctrl+C." };

    public static Command Create()
    {
        var command = new Command("status", "Shows a run on one screen: who is connected, rates, lags, limits, store, weights, checkpoint, ETA.") { RunDirectory, Address, AsJson, Watch };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var (logdir, address) = (parsed.GetValue(RunDirectory), parsed.GetValue(Address));
        var named = ReplayOperator.IsNamed(logdir, address, parsed.UnmatchedTokens);
        if (logdir is null && !named)
        {
            throw new UserErrorException("name a run with --logdir DIR or a replay service with --replay HOST:PORT", ExitCode.Usage);
        }

        // A run of 'up' that only begins has no config.yaml yet.
        var files = logdir is not null && (!named || File.Exists(Path.Combine(logdir, "config.yaml"))) ? RunFiles.Open(logdir) : null;
        using var service = named ? ReplayOperator.Open(logdir, address, parsed.UnmatchedTokens) : null;
        StatusReply? before = null;
        if (service is not null)
        {
            before = await service.StatusAsync(cancellation);
            await Task.Delay(Sample, cancellation);
        }

        var since = Stopwatch.GetTimestamp() - (long)(Sample.TotalSeconds * Stopwatch.Frequency);
        while (true)
        {
            var now = service is null ? null : await service.StatusAsync(cancellation);
            var at = Stopwatch.GetTimestamp();
            Show(RunStatus.Of(files, service?.Address, before, now, Stopwatch.GetElapsedTime(since, at).TotalSeconds), parsed.GetValue(AsJson), parsed.GetValue(Watch));
            if (!parsed.GetValue(Watch))
            {
                return ExitCode.Success;
            }

            (before, since) = (now, at);
            await Task.Delay(WatchPeriod, cancellation);
        }
    }

    private static void Show(RunStatus status, bool json, bool watch)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(status, Json));
            return;
        }

        if (watch && AnsiConsole.Profile.Capabilities.Ansi)
        {
            AnsiConsole.Clear();
        }

        AnsiConsole.Write(StatusScreen.Render(status));
    }
}
