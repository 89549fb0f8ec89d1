namespace Dreamer.Environments;

/// <summary>One line of the list of environments.</summary>
/// <param name="Name">What the setting <c>environment.name</c> says.</param>
/// <param name="Description">One line for a person.</param>
/// <param name="StepLimit">Environment steps after which an episode is cut; 0 where the task ends by itself.</param>
/// <param name="DefaultActionRepeat">Environment steps per action in published results.</param>
/// <param name="RandomScore">Mean return of uniformly random actions, where known.</param>
/// <param name="SolvedScore">Mean return that counts as solved, where known.</param>
public sealed record EnvironmentInfo(
    string Name, string Description, int StepLimit, int DefaultActionRepeat, double? RandomScore, double? SolvedScore);
