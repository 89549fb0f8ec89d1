using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Dreamer.Agents.Checkpoints;
using Dreamer.Environments.Fakes;
using Dreamer.Experience;
using Dreamer.Hosting;
using Dreamer.Learner;
using Dreamer.Local;
using Dreamer.Policies;
using Dreamer.Redis;

namespace Dreamer.Chaos;

/// <summary>
/// The distributed topology under load while its processes are killed, then an audit: every record that an environment handed out must be
/// in Redis once, as it was, and in its place.
/// </summary>
/// <param name="settings">Setting flags for every process.</param>
/// <param name="logdir">An empty directory.</param>
/// <param name="options">How long and how hard.</param>
/// <param name="trainRatio">Asked of the learner.</param>
/// <param name="print">Told what happens.</param>
internal sealed partial class ChaosRun(IReadOnlyList<string> settings, string logdir, ChaosOptions options, double trainRatio, Action<string> print)
{
    private const int AuditPage = 256;
    private const double RatioSlack = 0.005;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) } };

    private readonly string _up = Path.Combine(logdir, "up");
    private readonly string _ledgerDirectory = Path.Combine(logdir, "ledgers");
    private readonly LedgerBook _ledgers = new(Path.Combine(logdir, "ledgers"));

    /// <summary>Runs it all.</summary>
    /// <exception cref="UserErrorException">The directory is not empty, or a service cannot start.</exception>
    public async Task<ChaosReport> RunAsync(CancellationToken cancellation)
    {
        if (Directory.Exists(logdir) && Directory.EnumerateFileSystemEntries(logdir).Any())
        {
            throw new UserErrorException($"--logdir: {logdir} is not empty, and the audit needs every step from the first on; name another directory.", ExitCode.Usage);
        }

        Directory.CreateDirectory(_ledgerDirectory);
        var started = Stopwatch.GetTimestamp();
        var health = $"127.0.0.1:{LocalPorts.Take()}";
        using var watch = new ServiceWatch(health);
        var monkey = new ChaosMonkey(_up, _ledgers, options, watch, Note);
        string[] flags = [.. settings, "--env.fake.ledger", _ledgerDirectory, "--replay.health_listen", health];
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var rate = 0.0;
        Task topology = new LocalTopology(flags, logdir, options.Actors, evaluators: 0, tls: false, _ => { }, ChaosLearner.Command, untilCancelled: true).RunAsync(ending.Token);
        try
        {
            await FlowsAsync("the first updates", watch, topology, cancellation);
            var (records, began) = (_ledgers.Records, Stopwatch.GetTimestamp());
            await await Task.WhenAny(monkey.PlayAsync(cancellation), topology);
            rate = (_ledgers.Records - records) / Stopwatch.GetElapsedTime(began).TotalSeconds;
            print("quiet now; waiting until everything flows again");
            await FlowsAsync("updates and steps of every actor after the last fault", watch, topology, cancellation);
            await CaughtUpAsync(watch, topology, cancellation);
        }
        finally
        {
            await ending.CancelAsync();
            await topology.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        print($"audit of {_ledgers.Records} steps");
        var (lives, stepBytes) = await AuditAsync(cancellation);
        return Report(monkey.Events, lives, stepBytes, Stopwatch.GetElapsedTime(started), rate);
    }

    /// <summary>Waits until the learner saves new checkpoints and every actor is connected and acts.</summary>
    private async Task FlowsAsync(string what, ServiceWatch watch, Task topology, CancellationToken cancellation)
    {
        var (updates, records) = (Updates(), _ledgers.Records);
        for (var began = Stopwatch.GetTimestamp(); ; await Task.Delay(Poll, cancellation))
        {
            if (topology.IsCompleted)
            {
                throw new UserErrorException($"a service could not start; the reason is in its log in {_up}");
            }

            if (Updates() > updates && _ledgers.Records > records && await watch.IsCalmAsync(options.Actors, cancellation))
            {
                return;
            }

            if (Stopwatch.GetElapsedTime(began) > Patience)
            {
                throw new UserErrorException($"not within {Patience.TotalMinutes:0} minutes: {what}; the logs are in {_up}");
            }
        }
    }

    /// <summary>Waits until the learner has replayed what actors handed in while it was dead; as long as it gets on, however long that is.</summary>
    private async Task CaughtUpAsync(ServiceWatch watch, Task topology, CancellationToken cancellation)
    {
        var (updates, moved) = (Updates(), Stopwatch.GetTimestamp());
        while (!topology.IsCompleted && await watch.RatioAsync(cancellation) is var ratio && !(ratio >= (1 - RatioSlack) * trainRatio))
        {
            if (Updates() is var now && now > updates)
            {
                (updates, moved) = (now, Stopwatch.GetTimestamp());
            }
            else if (Stopwatch.GetElapsedTime(moved) > Patience)
            {
                throw new UserErrorException($"the learner stands still at a train ratio of {ratio:0.###}; the logs are in {_up}");
            }

            await Task.Delay(Poll, cancellation);
        }
    }

    private void Note(ChaosEvent fault)
    {
        print($"{fault.At,7:0.0} s  {fault.Act.ToString().ToLowerInvariant()} {fault.Victim}");
        File.AppendAllText(Path.Combine(logdir, "faults.jsonl"), JsonSerializer.Serialize(fault, Json) + "\n");
    }

    /// <summary>Starts Redis once more, on what is on its disk, and holds all of it against the ledgers.</summary>
    private async Task<(IReadOnlyList<LifeAudit> Lives, int StepBytes)> AuditAsync(CancellationToken cancellation)
    {
        var configuration = Path.Combine(_up, "redis.conf");
        var port = File.ReadLines(configuration).Select(line => line.Split(' ')).First(words => words[0] == "port")[1];
        using var redis = ManagedProcess.Start("redis", "redis-server", [configuration], new Dictionary<string, string>(), Path.Combine(_up, "audit.log"), echo: null);
        try
        {
            var (store, _) = await OpenAsync($"127.0.0.1:{port}", cancellation);
            await using var buffer = await ReplayBuffer.OpenAsync(store, new ReplayOptions(), TimeProvider.System, cancellation);
            var schema = buffer.Schema ?? throw new UserErrorException($"nothing was stored; the logs are in {_up}");
            var audit = new ExperienceAudit(_ledgers, schema);
            foreach (var page in (await store.RecoverAsync(cancellation)).Records.Chunk(AuditPage))
            {
                using var payload = await store.ReadAsync(page.Select(record => record.Id).ToArray(), cancellation);
                for (var index = 0; index < page.Length; index++)
                {
                    var encoded = payload[index] ?? throw new InvalidDataException($"chunk {page[index].Id} is indexed, but gone");
                    audit.Add(page[index], ChunkCodec.Decode(encoded, schema));
                }
            }

            return audit.Foreign == 0 ? (audit.Lives(), schema.StepBytes) : throw new InvalidDataException($"{audit.Foreign} stored steps belong to no environment of this run");
        }
        finally
        {
            await redis.StopAsync(Patience);
        }
    }

    private async Task<(IChunkStore Store, IPolicyVault Vault)> OpenAsync(string endpoint, CancellationToken cancellation)
    {
        for (var began = Stopwatch.GetTimestamp(); ; await Task.Delay(Poll, cancellation))
        {
            try
            {
                return await RedisStores.OpenAsync(endpoint, "", Path.Combine(_up, "redis.password"), tls: null, TimeProvider.System, cancellation);
            }
            catch (StoreUnavailableException) when (Stopwatch.GetElapsedTime(began) < Patience)
            {
                // It reads its file.
            }
        }
    }

    private ChaosReport Report(IReadOnlyList<ChaosEvent> events, IReadOnlyList<LifeAudit> lives, int stepBytes, TimeSpan length, double rate)
    {
        var stores = events.Where(fault => fault.Role is "redis" or "replay").ToArray();
        var faults = events.Where(fault => fault.Role == "actor" && fault.Act != ChaosAct.Freeze).ToLookup(fault => fault.Process);
        var ends = lives.Where(life => faults.Contains(life.Process)).GroupBy(life => life.Process)
            .Select(actor => ActorEnd.Of([.. actor], [.. faults[actor.Key]], stores, stepBytes)).ToArray();
        var (calm, cutOff) = (ends.Where(end => end.Calm).ToArray(), ends.Where(end => !end.Calm).ToArray());
        static long Most(IEnumerable<ActorEnd> of) => of.SelectMany(end => end.Lives).Select(life => life.Tail).DefaultIfEmpty().Max();
        using var checkpoint = new CheckpointStore(Path.Combine(logdir, "checkpoints")).OpenNewest(print);
        var (updates, progress) = checkpoint is null ? (0, new LearnerProgress()) : (checkpoint.Value<long>("updates"), checkpoint.Value<LearnerProgress>("learner"));
        var wrong = Path.Combine(logdir, ChaosLearner.FaultFile);
        return new ChaosReport
        {
            Seconds = Math.Round(length.TotalSeconds, 1),
            Kills = ByRole(events, ChaosAct.Kill),
            Terminations = ByRole(events, ChaosAct.Terminate),
            Freezes = ByRole(events, ChaosAct.Freeze),
            Left = events.Count(fault => fault.Act == ChaosAct.Leave),
            StepsPerSecond = Math.Round(rate, 1),
            StepsHandedOut = lives.Sum(life => life.Written),
            StepsStored = lives.Sum(life => life.Stored),
            Lost = lives.Sum(life => life.Lost + (faults.Contains(life.Process) ? 0 : life.Tail)) + ends.Sum(end => end.Missing),
            Duplicated = lives.Sum(life => life.Duplicated),
            Altered = lives.Sum(life => life.Altered),
            Disordered = lives.Sum(life => life.Disordered),
            AcknowledgedOfKilled = ends.Sum(end => end.Acknowledged),
            EndedCalm = calm.Length,
            UnsentCalm = calm.Sum(end => end.Unsent),
            UnsentCalmMost = Most(calm),
            EndedCutOff = cutOff.Length,
            UnsentCutOff = cutOff.Sum(end => end.Unsent),
            UnsentCutOffMost = Most(cutOff),
            ResentChunks = Logged("actor-*.log", ChunksAgain()),
            RewoundChunks = Logged("replay.log", ChunksLost()),
            LearnerResumes = Directory.GetFiles(_up, "learner.log").Sum(file => File.ReadLines(file).Count(line => line.Contains("resumed from", StringComparison.Ordinal))),
            Updates = updates,
            WrongBatches = File.Exists(wrong) ? File.ReadLines(wrong).Count() : 0,
            TargetRatio = trainRatio,
            RealisedRatio = Math.Round(updates * (double)LedgerAgent.StepsPerUpdate / Math.Max(1, progress.InsertedSteps - progress.CountedFrom), 4),
        };
    }

    private static SortedDictionary<string, int> ByRole(IEnumerable<ChaosEvent> events, ChaosAct act) =>
        new(events.Where(fault => fault.Act == act).GroupBy(fault => fault.Role).ToDictionary(role => role.Key, role => role.Count()), StringComparer.Ordinal);

    private long Logged(string files, Regex number) => Directory.GetFiles(_up, files).SelectMany(File.ReadLines)
        .Select(line => number.Match(line)).Where(match => match.Success).Sum(match => long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture));

    /// <summary>Updates of the newest checkpoint.</summary>
    private long Updates() => Directory.Exists(Path.Combine(logdir, "checkpoints"))
        ? Directory.GetDirectories(Path.Combine(logdir, "checkpoints"), "update-*")
            .Select(path => long.Parse(Path.GetFileName(path)["update-".Length..], CultureInfo.InvariantCulture)).DefaultIfEmpty().Max()
        : 0;

    [GeneratedRegex("streams, ([0-9]+) chunks go again")]
    private static partial Regex ChunksAgain();

    [GeneratedRegex("lost its newest ([0-9]+) chunks")]
    private static partial Regex ChunksLost();
}
