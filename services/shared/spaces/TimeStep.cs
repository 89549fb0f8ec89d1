using System.Runtime.InteropServices;

namespace Dreamer.Spaces;

/// <summary>
/// What an environment returns at one step, in buffers that are allocated once and reused. The reward is the one
/// received on arriving at this observation; the first step of an episode has reward 0.
/// </summary>
public sealed class TimeStep
{
    public TimeStep(EnvironmentSpec spec)
    {
        Spec = spec;
        Observations = [.. spec.Observations.Select(tensor => new byte[tensor.Bytes])];
    }

    public EnvironmentSpec Spec { get; }

    /// <summary>One row-major little-endian buffer per entry of <c>Spec.Observations</c>, in that order.</summary>
    public byte[][] Observations { get; }

    /// <summary>Sum of the rewards over the action repeat.</summary>
    public float Reward { get; set; }

    /// <summary>First record of an episode: the recurrent state and the previous action are zero here.</summary>
    public bool IsFirst { get; set; }

    /// <summary>Last record of an episode for any reason, a time limit included.</summary>
    public bool IsLast { get; set; }

    /// <summary>True end: nothing follows and the value after it is 0. A time limit is last but not terminal.</summary>
    public bool IsTerminal { get; set; }

    /// <summary>What the environment can tell of the episode so far; read at its last record. None for most environments.</summary>
    public IReadOnlyList<EpisodeFact> Facts { get; set; } = [];

    /// <summary>The float32 observation at <paramref name="index"/> as a writable view.</summary>
    public Span<float> Floats(int index) => MemoryMarshal.Cast<byte, float>(Observations[index].AsSpan());

    /// <summary>The int32 observation at <paramref name="index"/> as a writable view.</summary>
    public Span<int> Integers(int index) => MemoryMarshal.Cast<byte, int>(Observations[index].AsSpan());

    /// <summary>Sets reward and flags in one go; observations are written through their buffers.</summary>
    public void Set(float reward, bool isFirst, bool isLast, bool isTerminal)
    {
        (Reward, IsFirst, IsLast, IsTerminal) = (reward, isFirst, isLast, isTerminal);
    }
}
