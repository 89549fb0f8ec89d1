using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Dreamer.Environments.Fakes;

namespace Dreamer.Chaos;

/// <summary>
/// Kills, stops and ends the processes of a topology at random times, by the process ids that it keeps in files; starting them again is the
/// topology's work.
/// </summary>
/// <param name="directory">Where the process ids lie, <c>NAME.pid</c>, and the health addresses, <c>NAME.health</c>.</param>
/// <param name="ledgers">What environments hand out.</param>
/// <param name="options">How often, and whom.</param>
/// <param name="service">Says whether the service is up with all its actors.</param>
/// <param name="happened">Told of every fault.</param>
internal sealed partial class ChaosMonkey(string directory, LedgerBook ledgers, ChaosOptions options, ServiceWatch service, Action<ChaosEvent> happened)
{
    private const int SigKill = 9;
    private const int SigTerm = 15;
    private const int SigCont = 18;
    private const int SigStop = 19;
    private const double LongestFreeze = 14;

    private static readonly TimeSpan LongestCalming = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    /// <summary>As long as a commit takes to be durable, and somewhat more.</summary>
    public static readonly TimeSpan Settling = TimeSpan.FromSeconds(6);

    private readonly Random _random = new(options.Seed);
    private readonly List<ChaosEvent> _events = [];
    private long _start;

    /// <summary>What happened so far.</summary>
    public IReadOnlyList<ChaosEvent> Events => _events;

    private double Now => Stopwatch.GetElapsedTime(_start).TotalSeconds;

    /// <summary>Plays until the time is over.</summary>
    public async Task PlayAsync(CancellationToken cancellation)
    {
        _start = Stopwatch.GetTimestamp();
        while (Now < options.Length.TotalSeconds && (options.Kills == 0 || _events.Count(happened => happened.Act == ChaosAct.Kill) < options.Kills))
        {
            await Task.Delay(options.Every * -Math.Log(1 - _random.NextDouble()), cancellation);
            if (_random.NextDouble() < options.Calm)
            {
                await CalmAsync(cancellation);
            }

            await StrikeAsync(cancellation);
        }
    }

    private async Task CalmAsync(CancellationToken cancellation)
    {
        for (var began = Now; Now - began < LongestCalming.TotalSeconds && !await service.IsCalmAsync(options.Actors, cancellation);)
        {
            await Task.Delay(Poll, cancellation);
        }
    }

    private async Task StrikeAsync(CancellationToken cancellation)
    {
        var victim = _random.Next(4) switch
        {
            0 => "redis",
            1 => "replay",
            2 => "learner",
            _ => $"actor-{_random.Next(options.Actors)}",
        };
        var act = _random.NextDouble() switch
        {
            < 0.8 => ChaosAct.Kill,
            < 0.9 => ChaosAct.Terminate,
            _ => ChaosAct.Freeze,
        };
        var seconds = 1 + (_random.NextDouble() * (LongestFreeze - 1));
        var calm = !_events.Any(past => past.Role is "redis" or "replay" && Now - past.Until < Settling.TotalSeconds) && await service.IsCalmAsync(options.Actors, cancellation);
        if (ProcessOf(victim) is not { } process)
        {
            return;
        }

        var mark = victim.StartsWith("actor", StringComparison.Ordinal) ? await MarkAsync(victim, process, cancellation) : null;
        calm &= mark is { PendingBytes: 0 } || !victim.StartsWith("actor", StringComparison.Ordinal);
        var at = Now;
        if (Kill(process, act switch { ChaosAct.Kill => SigKill, ChaosAct.Terminate => SigTerm, _ => SigStop }) != 0)
        {
            // It is about to start again.
            return;
        }

        if (act == ChaosAct.Freeze)
        {
            try
            {
                await Task.Delay(TimeSpan.FromSeconds(seconds), cancellation);
            }
            finally
            {
                _ = Kill(process, SigCont);
            }
        }

        var fault = new ChaosEvent(at, Now, victim, process, act, calm, mark);
        _events.Add(fault);
        happened(fault);
    }

    /// <summary>Ledgers first: what is in them by then and neither kept nor in a chunk that fills is durable.</summary>
    private async Task<ActorMark?> MarkAsync(string actor, int process, CancellationToken cancellation)
    {
        try
        {
            var records = ledgers.RecordsOf(process);
            using var watch = new ServiceWatch(File.ReadAllText(Path.Combine(directory, $"{actor}.health")).Trim());
            return await watch.MetricsAsync(["dreamer_actor_buffered_bytes", "dreamer_actor_pending_bytes"], cancellation) is [>= 0 and var kept, >= 0 and var pending]
                ? new ActorMark(records, (long)kept, (long)pending)
                : null;
        }
        catch (Exception away) when (away is HttpRequestException or IOException || (away is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
    }

    private int? ProcessOf(string member)
    {
        var file = Path.Combine(directory, $"{member}.pid");
        return File.Exists(file) && int.TryParse(File.ReadAllText(file), CultureInfo.InvariantCulture, out var process) ? process : null;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
