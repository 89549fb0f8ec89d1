using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text;

namespace Dreamer.Hosting.Telemetry;

/// <summary>
/// All instruments of all services, in the order of the questions that a dashboard answers. To add one: define it here and create it
/// with <c>meter.Counter(Instruments.X)</c>, <c>.Gauge</c> or <c>.Histogram</c> on the meter named after its assembly.
/// </summary>
public static class Instruments
{
    // Is it learning?
    public static readonly InstrumentInfo EpisodeScore = new("dreamer.episode.score", InstrumentKind.Gauge, "{reward}", "Mean score of the last 20 episodes.", "role: train, eval");
    public static readonly InstrumentInfo EpisodeLength = new("dreamer.episode.length", InstrumentKind.Gauge, "{step}", "Mean length of the last 20 episodes in agent steps.", "role: train, eval");
    public static readonly InstrumentInfo Episodes = new("dreamer.episodes", InstrumentKind.Counter, "{episode}", "Finished episodes.", "role: train, eval");
    public static readonly InstrumentInfo Loss = new("dreamer.learner.loss", InstrumentKind.Gauge, "{loss}", "Newest value of each loss.", "loss: dyn, rep, rec, rew, con, policy, value, replay_value");

    // Is it flowing?
    public static readonly InstrumentInfo EnvSteps = new("dreamer.actor.env_steps", InstrumentKind.Counter, "{step}", "Environment steps (frames) taken.");
    public static readonly InstrumentInfo PolicySteps = new("dreamer.actor.policy_steps", InstrumentKind.Counter, "{step}", "Actions chosen.");
    public static readonly InstrumentInfo Updates = new("dreamer.learner.updates", InstrumentKind.Counter, "{update}", "Updates done.");
    public static readonly InstrumentInfo TrainRatio = new("dreamer.limiter.train_ratio", InstrumentKind.Gauge, "{ratio}", "Replayed steps per counted environment step, achieved.");
    public static readonly InstrumentInfo TrainRatioTarget = new("dreamer.limiter.train_ratio_target", InstrumentKind.Gauge, "{ratio}", "Replayed steps per environment step, asked for.");
    public static readonly InstrumentInfo LimiterWait = new("dreamer.limiter.wait", InstrumentKind.Histogram, "s", "Time that one side waited for the other.", "side: insert, sample");
    public static readonly InstrumentInfo LimiterStalls = new("dreamer.limiter.stalls", InstrumentKind.Counter, "{stall}", "Times both sides waited for 5 s.");
    public static readonly InstrumentInfo LearnerWait = new("dreamer.learner.wait", InstrumentKind.Histogram, "s", "Time an update waited for its batch.");
    public static readonly InstrumentInfo PrefetchDepth = new("dreamer.learner.prefetch_depth", InstrumentKind.Gauge, "{batch}", "Batches ready.");
    public static readonly InstrumentInfo InsertedSteps = new("dreamer.replay.inserted_steps", InstrumentKind.Counter, "{step}", "Steps committed.");
    public static readonly InstrumentInfo ReplayedSteps = new("dreamer.replay.replayed_steps", InstrumentKind.Counter, "{step}", "Steps handed out in batch plans.");

    // Is it healthy?
    public static readonly InstrumentInfo ActorsConnected = new("dreamer.replay.actors_connected", InstrumentKind.Gauge, "{actor}", "Actors with an open stream.");
    public static readonly InstrumentInfo ActorsLost = new("dreamer.replay.actors_lost", InstrumentKind.Counter, "{actor}", "Calls of actors that broke off; an actor that ends has ended its streams and does not count.");
    public static readonly InstrumentInfo EnvironmentRestarts = new("dreamer.actor.environment_restarts", InstrumentKind.Counter, "{restart}", "Environments started again after a failure.");
    public static readonly InstrumentInfo PolicyVersion = new("dreamer.policy.version", InstrumentKind.Gauge, "{version}", "Version of the policy in use (actor) or published (learner).");
    public static readonly InstrumentInfo ActorPolicyVersion = new("dreamer.replay.actor_policy_version", InstrumentKind.Gauge, "{version}", "Oldest policy in use by a connected actor.");
    public static readonly InstrumentInfo PolicyAge = new("dreamer.policy.age", InstrumentKind.Gauge, "s", "Time since the newest policy arrived.");
    public static readonly InstrumentInfo PolicyRejected = new("dreamer.policy.rejected", InstrumentKind.Counter, "{version}", "Policies refused because they arrived damaged or do not fit.");
    public static readonly InstrumentInfo ChunksResent = new("dreamer.actor.chunks_resent", InstrumentKind.Counter, "{chunk}", "Chunks sent again after a reconnect.");
    public static readonly InstrumentInfo ChunksDuplicate = new("dreamer.replay.chunks_duplicate", InstrumentKind.Counter, "{chunk}", "Chunks that were there already and were dropped.");
    public static readonly InstrumentInfo ChunkGaps = new("dreamer.replay.chunk_gaps", InstrumentKind.Counter, "{gap}", "Times a sender was told to rewind.");
    public static readonly InstrumentInfo ChunksRefused = new("dreamer.replay.chunks_refused", InstrumentKind.Counter, "{chunk}", "Chunks refused as invalid.");
    public static readonly InstrumentInfo CallsRefused = new("dreamer.edge.calls_refused", InstrumentKind.Counter, "{call}", "Calls and connections refused before they reached the service.", "reason: rate, token, role, calls, connections");
    public static readonly InstrumentInfo BytesDelayed = new("dreamer.edge.bytes_delayed", InstrumentKind.Counter, "By", "Bytes after which a peer had sent more than it may per second, so that the next were read later.");
    public static readonly InstrumentInfo ChunksMissing = new("dreamer.learner.chunks_missing", InstrumentKind.Counter, "{chunk}", "Planned chunks that were gone when the learner read them; the bar is 0.");
    public static readonly InstrumentInfo ChunksLost = new("dreamer.replay.chunks_lost", InstrumentKind.Counter, "{chunk}", "Chunks that the store lost in a restart; actors send them again.");
    public static readonly InstrumentInfo ActorBuffered = new("dreamer.actor.buffered", InstrumentKind.Gauge, "By", "Chunks that the actor keeps because they are not durable yet.");
    public static readonly InstrumentInfo ActorPending = new("dreamer.actor.pending", InstrumentKind.Gauge, "By", "Chunks that the service has not accepted yet: what is lost if the actor dies now, beside the chunk that it fills.");
    public static readonly InstrumentInfo CheckpointAge = new("dreamer.learner.checkpoint.age", InstrumentKind.Gauge, "s", "Time since the newest checkpoint was written, or since the start.");
    public static readonly InstrumentInfo DurableLag = new("dreamer.replay.durable_lag", InstrumentKind.Gauge, "{chunk}", "Committed chunks that are not yet durable.");
    public static readonly InstrumentInfo ReplayItems = new("dreamer.replay.items", InstrumentKind.Gauge, "{item}", "Window starts that can be drawn.");
    public static readonly InstrumentInfo ReplaySteps = new("dreamer.replay.steps", InstrumentKind.Gauge, "{step}", "Steps kept.");
    public static readonly InstrumentInfo ReplayBytes = new("dreamer.replay.size", InstrumentKind.Gauge, "By", "Payload kept, as stored.");
    public static readonly InstrumentInfo ChunksEvicted = new("dreamer.replay.chunks_evicted", InstrumentKind.Counter, "{chunk}", "Oldest chunks removed to make room.");
    public static readonly InstrumentInfo StoreFull = new("dreamer.replay.store_full", InstrumentKind.Gauge, "{state}", "1 while the store has no room and actors wait.");
    public static readonly InstrumentInfo RedisUp = new("dreamer.redis.up", InstrumentKind.Gauge, "{state}", "1 while Redis answers.", "server");
    public static readonly InstrumentInfo RedisMemory = new("dreamer.redis.memory", InstrumentKind.Gauge, "By", "Memory that Redis uses.", "server");
    public static readonly InstrumentInfo RedisMemoryLimit = new("dreamer.redis.memory_limit", InstrumentKind.Gauge, "By", "Redis' maxmemory; 0 for none.", "server");
    public static readonly InstrumentInfo RedisAofOk = new("dreamer.redis.aof_ok", InstrumentKind.Gauge, "{state}", "1 while Redis' append-only file is on and its last write succeeded.", "server");
    public static readonly InstrumentInfo RedisAofSize = new("dreamer.redis.aof_size", InstrumentKind.Gauge, "By", "Size of Redis' append-only file.", "server");

    // What does each hop cost?
    public static readonly InstrumentInfo PolicyStepTime = new("dreamer.actor.policy_step.duration", InstrumentKind.Histogram, "s", "One call of the policy.");
    public static readonly InstrumentInfo EnvironmentStepTime = new("dreamer.actor.environment_step.duration", InstrumentKind.Histogram, "s", "One step of all environments of an actor.");
    public static readonly InstrumentInfo WriteTime = new("dreamer.actor.write.duration", InstrumentKind.Histogram, "s", "Handing one chunk over, the wait for credit included.");
    public static readonly InstrumentInfo AckTime = new("dreamer.actor.ack.duration", InstrumentKind.Histogram, "s", "From sending one chunk until the service has acknowledged it, its commit included.");
    public static readonly InstrumentInfo CommitTime = new("dreamer.replay.commit.duration", InstrumentKind.Histogram, "s", "Committing one chunk.");
    public static readonly InstrumentInfo PlanTime = new("dreamer.learner.plan.duration", InstrumentKind.Histogram, "s", "Asking for one batch plan, the wait for the train ratio included.");
    public static readonly InstrumentInfo FetchTime = new("dreamer.learner.fetch.duration", InstrumentKind.Histogram, "s", "Reading and assembling one batch.");
    public static readonly InstrumentInfo UpdateTime = new("dreamer.learner.update.duration", InstrumentKind.Histogram, "s", "One update.");
    public static readonly InstrumentInfo PublishTime = new("dreamer.learner.publish.duration", InstrumentKind.Histogram, "s", "Exporting and publishing one policy.");
    public static readonly InstrumentInfo SwapTime = new("dreamer.actor.swap.duration", InstrumentKind.Histogram, "s", "Unpacking one policy and taking it into use.");
    public static readonly InstrumentInfo CheckpointTime = new("dreamer.learner.checkpoint.duration", InstrumentKind.Histogram, "s", "Writing one checkpoint.");

    /// <summary>Every definition above, in order.</summary>
    public static IReadOnlyList<InstrumentInfo> All { get; } =
        [.. typeof(Instruments).GetFields(BindingFlags.Public | BindingFlags.Static).OrderBy(field => field.MetadataToken).Select(field => (InstrumentInfo)field.GetValue(null)!)];

    /// <summary>The definition of that name; null where it is not one of ours.</summary>
    internal static InstrumentInfo? Find(string name) => All.FirstOrDefault(info => info.Name == name);

    /// <summary>Bucket bounds of durations, seconds.</summary>
    internal static IReadOnlyList<double> DurationBuckets { get; } =
        [0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    public static Counter<long> Counter(this Meter meter, InstrumentInfo info) =>
        meter.CreateCounter<long>(Checked(info, InstrumentKind.Counter).Name, info.Unit, info.Description);

    /// <summary>A gauge that is set when its value changes.</summary>
    public static Gauge<double> Gauge(this Meter meter, InstrumentInfo info) =>
        meter.CreateGauge<double>(Checked(info, InstrumentKind.Gauge).Name, info.Unit, info.Description);

    /// <summary>A gauge that is asked when somebody looks.</summary>
    public static ObservableGauge<double> Gauge(this Meter meter, InstrumentInfo info, Func<double> observe) =>
        meter.CreateObservableGauge(Checked(info, InstrumentKind.Gauge).Name, observe, info.Unit, info.Description);

    /// <summary>A gauge with a value per set of attributes.</summary>
    public static ObservableGauge<double> Gauge(this Meter meter, InstrumentInfo info, Func<IEnumerable<Measurement<double>>> observe) =>
        meter.CreateObservableGauge(Checked(info, InstrumentKind.Gauge).Name, observe, info.Unit, info.Description);

    /// <summary>A counter over a total that is kept elsewhere.</summary>
    public static ObservableCounter<long> Counter(this Meter meter, InstrumentInfo info, Func<long> observe) =>
        meter.CreateObservableCounter(Checked(info, InstrumentKind.Counter).Name, observe, info.Unit, info.Description);

    public static Histogram<double> Histogram(this Meter meter, InstrumentInfo info) =>
        meter.CreateHistogram(
            Checked(info, InstrumentKind.Histogram).Name, info.Unit, info.Description, tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = DurationBuckets });

    /// <summary>The table of the documentation.</summary>
    public static string ToMarkdown()
    {
        var text = new StringBuilder("| instrument | kind | unit | attributes | meaning |\n| --- | --- | --- | --- | --- |\n");
        foreach (var info in All)
        {
            text.Append($"| `{info.Name}` | {info.Kind.ToString().ToLowerInvariant()} | `{info.Unit}` | {info.Attributes} | {info.Description} |\n");
        }

        return text.ToString();
    }

    private static InstrumentInfo Checked(InstrumentInfo info, InstrumentKind kind) =>
        info.Kind == kind ? info : throw new ArgumentException($"{info.Name} is a {info.Kind}, not a {kind}", nameof(info));
}
