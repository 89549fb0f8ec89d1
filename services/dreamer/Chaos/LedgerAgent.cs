using System.Collections.Immutable;
using Dreamer.Agents;
using Dreamer.Agents.Checkpoints;
using Dreamer.Environments.Fakes;
using Dreamer.Experience;
using Dreamer.Policies;
using Dreamer.Spaces;

namespace Dreamer.Chaos;

/// <summary>
/// Learns nothing and looks at everything: each batch is held against the ledgers, and what is wrong goes to a file at once. Everything
/// around it is what surrounds any agent.
/// </summary>
/// <param name="environment">What actors act in.</param>
/// <param name="ledgers">What they hand out.</param>
/// <param name="faults">File that gets a line per wrong batch.</param>
internal sealed class LedgerAgent(EnvironmentSpec environment, LedgerBook ledgers, string faults) : IAgent
{
    /// <summary>Steps that one update replays.</summary>
    public const int StepsPerUpdate = Windows * Steps;

    private const int Windows = 8;
    private const int Steps = 16;
    private const string UpdatesKey = "updates";
    private readonly BatchAudit _audit = new(ledgers);

    public int BatchSize => Windows;

    public int BatchLength => Steps;

    public int Context => 0;

    public ImmutableArray<TensorSpec> RecordedState => [];

    public long Updates { get; private set; }

    public IReadOnlyDictionary<string, long> ParameterCounts { get; } = new Dictionary<string, long>();

    public TrainResult Train(Batch batch, bool metrics)
    {
        Updates++;
        if (_audit.Fault(batch) is { } fault)
        {
            File.AppendAllText(faults, $"update {Updates}: {fault}\n");
        }

        return new TrainResult(null, []);
    }

    public PolicyBlob ExportPolicy(long version) => RandomPolicy.Blob(environment, version);

    public IReadOnlyList<ReportImage> Report(Batch batch) => [];

    public void Save(CheckpointWriter checkpoint) => checkpoint.Value(UpdatesKey, Updates);

    public void Load(CheckpointReader checkpoint) => Updates = checkpoint.Value<long>(UpdatesKey);

    public void Dispose()
    {
    }
}
