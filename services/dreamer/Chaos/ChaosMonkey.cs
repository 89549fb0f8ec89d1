using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Dreamer.Environments.Fakes;

namespace Dreamer.Chaos;

/// <summary>
/// Kills, stops and ends the processes of a topology at random times, by the process ids that it keeps in files, and lets actors leave
/// meanwhile; starting them again is the topology's work.
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

    // What an actor answers with is compiled when it is first asked, on a machine that others keep busy.
    private const double FirstAnswer = 15;

    private static readonly TimeSpan LongestCalming = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    /// <summary>As long as a commit takes to be durable, and somewhat more.</summary>
    public static readonly TimeSpan Settling = TimeSpan.FromSeconds(6);

    /// <summary>As long as an actor that is told to end waits until all it has is durable, by the setting <c>actor.flush_seconds</c>.</summary>
    public static readonly TimeSpan Flushing = TimeSpan.FromSeconds(15);

    // Where actors leave at will they are never all there.
    private readonly int _enough = options.Leave > TimeSpan.Zero ? options.Actors / 2 : options.Actors;
    private readonly Random _random = new(options.Seed);
    private readonly Lock _gate = new();
    private readonly List<ChaosEvent> _events = [];
    private long _start;

    /// <summary>What happened so far, in order.</summary>
    public IReadOnlyList<ChaosEvent> Events
    {
        get
        {
            lock (_gate)
            {
                return [.. _events.OrderBy(fault => fault.At)];
            }
        }
    }

    private double Now => Stopwatch.GetElapsedTime(_start).TotalSeconds;

    /// <summary>Plays until the time is over.</summary>
    public async Task PlayAsync(CancellationToken cancellation)
    {
        _start = Stopwatch.GetTimestamp();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var leaving = LeaveAsync(over.Token);
        try
        {
            await StrikeAsync(cancellation);
        }
        finally
        {
            await over.CancelAsync();
            await leaving;
        }
    }

    private async Task StrikeAsync(CancellationToken cancellation)
    {
        while (Now < options.Length.TotalSeconds && (options.Kills == 0 || Events.Count(happened => happened.Act == ChaosAct.Kill) < options.Kills))
        {
            await Task.Delay(Pause(options.Every, _random), cancellation);
            if (_random.NextDouble() < options.Calm)
            {
                await CalmAsync(cancellation);
            }

            var (victim, act, seconds) = Draw();
            await StrikeAsync(victim, act, seconds, cancellation);
        }
    }

    /// <summary>Up to a quarter of the actors at once are told to end, whatever else happens meanwhile.</summary>
    private async Task LeaveAsync(CancellationToken cancellation)
    {
        var random = new Random(options.Seed + 1);
        var actors = Enumerable.Range(0, options.Actors).ToArray();
        try
        {
            while (options.Leave > TimeSpan.Zero)
            {
                await Task.Delay(Pause(options.Leave, random), cancellation);
                random.Shuffle(actors);
                var leave = actors.Take(1 + random.Next(Math.Max(1, options.Actors / 4)));
                await Task.WhenAll(leave.Select(actor => StrikeAsync($"actor-{actor}", ChaosAct.Leave, 0, cancellation)));
            }
        }
        catch (OperationCanceledException)
        {
            // The time is over.
        }
    }

    private static TimeSpan Pause(TimeSpan mean, Random random) => mean * -Math.Log(1 - random.NextDouble());

    private async Task CalmAsync(CancellationToken cancellation)
    {
        for (var began = Now; Now - began < LongestCalming.TotalSeconds && !await service.IsCalmAsync(_enough, cancellation);)
        {
            await Task.Delay(Poll, cancellation);
        }
    }

    private (string Victim, ChaosAct Act, double Seconds) Draw()
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
        return (victim, act, 1 + (_random.NextDouble() * (LongestFreeze - 1)));
    }

    private async Task StrikeAsync(string victim, ChaosAct act, double seconds, CancellationToken cancellation)
    {
        if (ProcessOf(victim) is not { } process)
        {
            return;
        }

        var isActor = victim.StartsWith("actor", StringComparison.Ordinal);
        var (mark, connected) = isActor ? await MarkAsync(victim, process, cancellation) : default;
        var calm = (!isActor || (connected && mark is { PendingBytes: 0 }))
            && !Events.Any(past => past.Role is "redis" or "replay" && Now - past.Until < Settling.TotalSeconds)
            && await service.IsCalmAsync(_enough, cancellation);
        var at = Now;
        if (Kill(process, act switch { ChaosAct.Kill => SigKill, ChaosAct.Freeze => SigStop, _ => SigTerm }) != 0)
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
        lock (_gate)
        {
            _events.Add(fault);
            happened(fault);
        }
    }

    /// <summary>Ledgers first: what is in them by then and neither kept nor in a chunk that fills is durable.</summary>
    private async Task<(ActorMark? Mark, bool Connected)> MarkAsync(string actor, int process, CancellationToken cancellation)
    {
        try
        {
            var records = ledgers.RecordsOf(process);
            using var watch = new ServiceWatch(File.ReadAllText(Path.Combine(directory, $"{actor}.health")).Trim(), FirstAnswer);
            var connected = await watch.IsReadyAsync(cancellation);
            return await watch.MetricsAsync(["dreamer_actor_buffered_bytes", "dreamer_actor_pending_bytes"], cancellation) is [>= 0 and var kept, >= 0 and var pending]
                ? (new ActorMark(records, (long)kept, (long)pending), connected)
                : default;
        }
        catch (Exception away) when (away is HttpRequestException or IOException || (away is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return default;
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
