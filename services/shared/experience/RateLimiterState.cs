namespace Dreamer.Experience;

/// <summary>The limiter's saved part; with the store's step total and the learner's replayed total it resumes exactly.</summary>
/// <param name="Started">Whether counting has begun.</param>
/// <param name="BaseCredit">Credit at the base point, in replayed steps.</param>
/// <param name="BaseInserted">Inserted steps at the base point.</param>
/// <param name="BaseReplayed">Replayed steps at the base point.</param>
/// <param name="Ratio">Train ratio since the base point.</param>
public sealed record RateLimiterState(bool Started, double BaseCredit, long BaseInserted, long BaseReplayed, double Ratio);
