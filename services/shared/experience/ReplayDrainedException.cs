namespace Dreamer.Experience;

/// <summary>The run winds down: there is no further plan, and the learner saves and leaves.</summary>
public sealed class ReplayDrainedException() : Exception("the replay service winds the run down");
