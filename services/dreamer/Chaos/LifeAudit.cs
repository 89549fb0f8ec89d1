namespace Dreamer.Chaos;

/// <summary>How one life of an environment came through, in records.</summary>
/// <param name="Life">Its number in the ledgers.</param>
/// <param name="Process">The actor that it belonged to.</param>
/// <param name="Written">Handed out by the environment.</param>
/// <param name="Stored">Of these, what the store holds.</param>
/// <param name="Lost">Not stored, although a later one is.</param>
/// <param name="Tail">Not stored, and nothing after them is.</param>
/// <param name="Duplicated">Stored more than once.</param>
/// <param name="Altered">Stored with another content.</param>
/// <param name="Disordered">Stored at another place of their stream.</param>
internal sealed record LifeAudit(int Life, int Process, long Written, long Stored, long Lost, long Tail, long Duplicated, long Altered, long Disordered);
