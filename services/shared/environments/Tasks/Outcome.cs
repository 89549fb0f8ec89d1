namespace Dreamer.Environments.Tasks;

/// <summary>What one step of a task gave: its reward, and whether the episode truly ended.</summary>
public readonly record struct Outcome(double Reward, bool Terminated);
