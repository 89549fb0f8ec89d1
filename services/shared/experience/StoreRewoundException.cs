namespace Dreamer.Experience;

/// <summary>The store restarted and lost its newest commits: recover from it before the next commit.</summary>
public sealed class StoreRewoundException(string message) : Exception(message);
