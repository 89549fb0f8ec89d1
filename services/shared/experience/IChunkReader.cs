namespace Dreamer.Experience;

/// <summary>Reads stored chunks.</summary>
public interface IChunkReader
{
    /// <summary>The encoded chunk per id in the order asked, null where it is gone.</summary>
    ValueTask<ReadOnlyMemory<byte>?[]> ReadAsync(ReadOnlyMemory<long> ids, CancellationToken cancellation);
}
