using System.CommandLine;
using Dreamer.Contracts.V1;
using Dreamer.Hosting;
using Dreamer.Operations;

namespace Dreamer.Commands;

/// <summary><c>dreamer drain</c></summary>
internal static class DrainCommand
{
    private static readonly Option<string?> RunDirectory = new("--logdir") { Description = "Directory of a run of 'up'." };
    private static readonly Option<string?> Address = new("--replay") { Description = "Replay service, host:port or URL; token: --replay.token_file FILE of the operator." };
    private static readonly Option<int> Timeout = new("--timeout") { Description = "Seconds to wait.", DefaultValueFactory = _ => 300 };
    private static readonly Option<bool> Cancel = new("--cancel") { Description = "Ends the draining: actors and learners that start from now on may stay." };

    public static Command Create()
    {
        var command = new Command("drain", "Winds a run down: actors send what they have and leave, it becomes durable, the learner saves and leaves. Then everything may be stopped.")
        {
            RunDirectory, Address, Timeout, Cancel,
        };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var (logdir, address) = (parsed.GetValue(RunDirectory), parsed.GetValue(Address));
        if (!ReplayOperator.IsNamed(logdir, address, parsed.UnmatchedTokens))
        {
            throw new UserErrorException(
                logdir is null ? "name a run with --logdir DIR or a replay service with --replay HOST:PORT" : $"--logdir: {logdir} is no run of 'up'; a run of 'train' saves and ends with Ctrl+C or SIGTERM",
                ExitCode.Usage);
        }

        using var service = ReplayOperator.Open(logdir, address, parsed.UnmatchedTokens);
        if (parsed.GetValue(Cancel))
        {
            await service.CancelDrainAsync(cancellation);
            Console.WriteLine("not draining any more; start actors and the learner again");
            return ExitCode.Success;
        }

        var last = new DrainProgress();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(parsed.GetValue(Timeout)));
        try
        {
            var done = await service.DrainAsync(progress => Console.Error.WriteLine(Line(last = progress)), patience.Token);
            Console.WriteLine($"drained: {done.InsertedSteps} steps are durable"
                + (done.Updates >= 0 ? $", the learner saved after {done.Updates} updates" : ", no learner was there") + "; the same commands resume");
            return ExitCode.Success;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new UserErrorException($"not drained within {parsed.GetValue(Timeout)} s ({Line(last)}): it goes on; look with 'dreamer status', and wait again with the same command");
        }
    }

    private static string Line(DrainProgress progress) =>
        $"draining: {progress.Actors} actors to leave, "
        + (progress.Away > 0 ? $"{progress.Away} actors cut off that may be back within replay.lost_after_seconds, " : "")
        + (progress.Starting ? "the service has just started and waits replay.lost_after_seconds for actors to be back, " : "")
        + $"{progress.NotDurable} chunks to become durable, {(progress.Learner ? "learner to save" : "no learner to wait for")}";
}
