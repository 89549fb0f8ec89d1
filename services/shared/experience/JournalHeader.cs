namespace Dreamer.Experience;

/// <summary>Where the store stands when a segment begins, so that earlier segments can be deleted.</summary>
internal sealed record JournalHeader(long LastId, long TotalSteps, IReadOnlyDictionary<StreamId, long> NextSequences);
