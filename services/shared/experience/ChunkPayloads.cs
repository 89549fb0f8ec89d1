using System.Collections;

namespace Dreamer.Experience;

/// <summary>
/// Encoded chunks in the order asked, null where one is gone. Dispose when they have been decoded: their memory is used again.
/// </summary>
/// <param name="chunks">As <see cref="IChunkReader"/> returns them.</param>
/// <param name="release">Takes the memory back; called once.</param>
public sealed class ChunkPayloads(ReadOnlyMemory<byte>?[] chunks, Action? release = null) : IReadOnlyList<ReadOnlyMemory<byte>?>, IDisposable
{
    private Action? _release = release;

    public int Count => chunks.Length;

    /// <summary>All of them.</summary>
    public ReadOnlySpan<ReadOnlyMemory<byte>?> Span => chunks;

    /// <summary>How many are gone.</summary>
    public int Missing => chunks.Count(chunk => chunk is null);

    public ReadOnlyMemory<byte>? this[int index] => chunks[index];

    public IEnumerator<ReadOnlyMemory<byte>?> GetEnumerator() => ((IEnumerable<ReadOnlyMemory<byte>?>)chunks).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
