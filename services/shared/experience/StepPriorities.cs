using System.Collections.Immutable;

namespace Dreamer.Experience;

/// <summary>How much consecutive steps of a chunk are worth replaying.</summary>
/// <param name="Chunk">Chunk id; one that is gone is ignored.</param>
/// <param name="Offset">First step.</param>
/// <param name="Values">A priority per step, not negative; what is no such number is ignored.</param>
public readonly record struct StepPriorities(long Chunk, int Offset, ImmutableArray<float> Values)
{
    /// <summary>One entry per window and chunk.</summary>
    /// <param name="batch">What an update trained on.</param>
    /// <param name="priorities">[B, T] for the last T steps of each window.</param>
    public static ImmutableArray<StepPriorities> Of(Batch batch, ReadOnlySpan<float> priorities)
    {
        var steps = priorities.Length / batch.BatchSize;
        var entries = ImmutableArray.CreateBuilder<StepPriorities>(batch.BatchSize * 2);
        for (var row = 0; row < batch.BatchSize; row++)
        {
            var where = batch.Steps.AsSpan((row * batch.Length) + batch.Length - steps, steps);
            var values = priorities.Slice(row * steps, steps);
            for (var first = 0; first < steps;)
            {
                var end = first + 1;
                while (end < steps && where[end].Chunk == where[first].Chunk)
                {
                    end++;
                }

                entries.Add(new StepPriorities(where[first].Chunk, where[first].Step, [.. values[first..end]]));
                first = end;
            }
        }

        return entries.DrainToImmutable();
    }
}
