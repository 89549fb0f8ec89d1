namespace Dreamer.Chaos;

/// <summary>What an actor said just before it was struck, and the ledgers of its environments just before that.</summary>
/// <param name="Records">Handed out by its environments so far.</param>
/// <param name="KeptBytes">Of these, what it kept because the service had not called it durable.</param>
/// <param name="PendingBytes">Of these, what the service had not accepted.</param>
internal sealed record ActorMark(long Records, long KeptBytes, long PendingBytes);
