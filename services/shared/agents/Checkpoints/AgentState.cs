using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents.Checkpoints;

/// <summary>What every agent keeps in a checkpoint: its name, its updates, its seed, and the tensors that change from update to update.</summary>
internal static class AgentState
{
    /// <summary>Puts it into a checkpoint.</summary>
    public static void Save(CheckpointWriter checkpoint, string agent, long updates, ulong seed, IEnumerable<(string Name, Tensor Tensor)> tensors)
    {
        checkpoint.Value("agent", agent);
        checkpoint.Value("updates", updates);
        checkpoint.Value("seed", seed);
        foreach (var (name, tensor) in tensors)
        {
            checkpoint.Tensor(name, tensor);
        }
    }

    /// <summary>Takes it back into the tensors, all or none.</summary>
    /// <param name="also">Takes back what else the agent keeps, once everything here is known to fit; null for nothing.</param>
    /// <exception cref="CheckpointMismatchException">A tensor is missing or has another shape.</exception>
    public static (long Updates, ulong Seed) Load(CheckpointReader checkpoint, IEnumerable<(string Name, Tensor Tensor)> tensors, Action? also = null)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var saved = tensors.ToList();
        saved.ForEach(pair => checkpoint.Expect(pair.Name, pair.Tensor));
        var state = (checkpoint.Value<long>("updates"), checkpoint.Value<ulong>("seed"));
        also?.Invoke();
        saved.ForEach(pair => checkpoint.Tensor(pair.Name, pair.Tensor));
        return state;
    }
}
