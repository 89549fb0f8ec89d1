using Dreamer.Experience;

namespace Dreamer.Agents.DreamerV2;

/// <summary>
/// Prioritised ends (spec 4.5). The authors cut windows out of single episodes and move those that would begin too late back to the
/// last possible start. Replay's windows run on into the next episode instead; with as much context before them as they are long, those
/// that hold an end are moved back here so that they close with it.
/// </summary>
internal static class EpisodeEnds
{
    /// <summary>Steps before the trained ones that windows must have for this.</summary>
    public static int Context(int length) => length;

    /// <summary>[B, length + length] -> [B, 1 + length]: the windows to train on, each with the step before it.</summary>
    public static Batch Align(Batch batch, int length)
    {
        var aligned = new Batch(batch.Schema, batch.BatchSize, ReplayedSteps.Context + length);
        var ends = batch[Schema.IsLast];
        for (var row = 0; row < batch.BatchSize; row++)
        {
            // The first end among the trained steps becomes the last of them.
            var first = row * batch.Length + Context(length);
            var end = ends.AsSpan(first, length).IndexOf((byte)1);
            var start = first - ReplayedSteps.Context - (end < 0 ? 0 : length - 1 - end);
            foreach (var (from, to) in batch.Columns.Zip(aligned.Columns))
            {
                var bytes = from.Length / (batch.BatchSize * batch.Length);
                from.AsSpan(start * bytes, aligned.Length * bytes).CopyTo(to.AsSpan(row * aligned.Length * bytes));
            }
        }

        return aligned;
    }
}
