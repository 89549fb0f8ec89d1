namespace Dreamer.Experience;

/// <summary>How one server of a store is doing.</summary>
/// <param name="Server">Its address.</param>
/// <param name="MemoryBytes">Memory in use.</param>
/// <param name="MemoryLimitBytes">Memory that it may use, 0 without a limit.</param>
/// <param name="JournalOk">What it acknowledges also reaches its disk.</param>
/// <param name="JournalBytes">Size of its file.</param>
public sealed record StoreHealth(string Server, long MemoryBytes, long MemoryLimitBytes, bool JournalOk, long JournalBytes);
