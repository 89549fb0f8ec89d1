namespace Dreamer.Experience;

/// <summary>Answer to a learner.</summary>
/// <param name="InsertedSteps">Steps inserted so far.</param>
/// <param name="Items">Windows that exist at its length.</param>
/// <param name="Credit">Replayed steps owed.</param>
/// <param name="DroppedCredit">Credit given up because of <see cref="ReplayOptions.MaxCatchUpSteps"/>.</param>
/// <param name="Instance">Changes when the replay starts again: a learner clears what it cached by chunk id.</param>
/// <param name="WantsPriorities">Windows are drawn by priority: say after every update what its steps are worth.</param>
public sealed record LearnerWelcome(
    long InsertedSteps, long Items, double Credit, double DroppedCredit, Guid Instance, bool WantsPriorities = false);
