namespace Dreamer.Experience.Tests;

public sealed class MemoryChunkStoreTests : ChunkStoreContract
{
    protected override Task<IChunkStore> OpenAsync() => Task.FromResult<IChunkStore>(new MemoryChunkStore());

    protected override ValueTask<IChunkStore> ReopenAsync(IChunkStore store) => ValueTask.FromResult(store);
}
