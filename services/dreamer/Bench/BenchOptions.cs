namespace Dreamer.Bench;

/// <summary>What the flags of <c>dreamer bench</c> say.</summary>
/// <param name="Threads">Threads of the tensor library, and writers of the replay; at least 1.</param>
/// <param name="Each">Time per measurement.</param>
/// <param name="Only">Part of the names of the cases wanted; empty for all.</param>
/// <param name="Steps">Length of the soak.</param>
internal sealed record BenchOptions(int Threads, TimeSpan Each, string Only, long Steps)
{
    /// <summary>Whether a case is wanted.</summary>
    public bool Wants(string name) => name.Contains(Only, StringComparison.OrdinalIgnoreCase);
}
