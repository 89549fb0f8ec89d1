using System.Collections.Immutable;
using Dreamer.Agents.Checkpoints;
using Dreamer.Experience;
using Dreamer.Policies;
using Dreamer.Spaces;

namespace Dreamer.Agents;

/// <summary>An agent whose every call that computes happens in a <see cref="FinalizerPause"/>.</summary>
internal sealed class UndisturbedAgent : IAgent
{
    private readonly IAgent agent;

    public UndisturbedAgent(Func<IAgent> make)
    {
        using var pause = FinalizerPause.Begin();
        agent = make();
    }

    public int BatchSize => agent.BatchSize;

    public int BatchLength => agent.BatchLength;

    public int Context => agent.Context;

    public ImmutableArray<TensorSpec> RecordedState => agent.RecordedState;

    public long Updates => agent.Updates;

    public bool TellsPriorities => agent.TellsPriorities;

    public IReadOnlyDictionary<string, long> ParameterCounts => agent.ParameterCounts;

    public void Hear(ImmutableArray<FinishedEpisode> episodes) => agent.Hear(episodes);

    public TrainResult Train(Batch batch, bool metrics)
    {
        using var pause = FinalizerPause.Begin();
        return agent.Train(batch, metrics);
    }

    public PolicyBlob ExportPolicy(long version)
    {
        using var pause = FinalizerPause.Begin();
        return agent.ExportPolicy(version);
    }

    public IReadOnlyList<ReportImage> Report(Batch batch)
    {
        using var pause = FinalizerPause.Begin();
        return agent.Report(batch);
    }

    public void Save(CheckpointWriter checkpoint)
    {
        using var pause = FinalizerPause.Begin();
        agent.Save(checkpoint);
    }

    public void Load(CheckpointReader checkpoint)
    {
        using var pause = FinalizerPause.Begin();
        agent.Load(checkpoint);
    }

    public void Dispose() => agent.Dispose();
}
