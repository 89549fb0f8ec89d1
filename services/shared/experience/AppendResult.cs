namespace Dreamer.Experience;

/// <summary>Answer to a chunk.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="NextSequence">The sequence that the stream must send next.</param>
/// <param name="Id">Id given to it, 0 unless committed.</param>
public readonly record struct AppendResult(CommitOutcome Outcome, long NextSequence, long Id);
