using Dreamer.Experience;
using Dreamer.Policies;
namespace Dreamer.Redis;
public static class RedisStores
{
    public static Task<(IChunkStore, IPolicyVault)> OpenAsync(string a, string b, string c, TimeProvider t, CancellationToken x) => throw new NotSupportedException();
    public static Task<IDisposableReader> OpenReaderAsync(string a, string b, string c, CancellationToken x) => throw new NotSupportedException();
}
public interface IDisposableReader : IChunkReader, IAsyncDisposable;
