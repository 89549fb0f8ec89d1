using Dreamer.Experience;
using Dreamer.Hosting.Edge.Tls;
using Dreamer.Hosting.Settings;
using Dreamer.Policies;
using Dreamer.Redis;

namespace Dreamer.Replay;

/// <summary>The store that the settings name, and where weights are kept over restarts.</summary>
internal static class Stores
{
    public static async Task<(IChunkStore Store, IPolicyVault Vault)> OpenAsync(ReplaySettings settings, TimeProvider time, CancellationToken cancellation)
    {
        if (settings.Store == StoreKind.Memory)
        {
            return (new MemoryChunkStore(), new NoVault());
        }

        return await RedisStores.OpenAsync(settings.Redis, settings.User, settings.PasswordFile, ClientTls.OfRedis(settings, time), time, cancellation);
    }

    private sealed class NoVault : IPolicyVault
    {
        public Task SaveAsync(PolicyBlob blob, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<PolicyBlob?> LoadAsync(CancellationToken cancellationToken) => Task.FromResult<PolicyBlob?>(null);
    }
}
