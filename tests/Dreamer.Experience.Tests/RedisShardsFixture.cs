namespace Dreamer.Experience.Tests;

/// <summary>Three servers that know nothing of each other.</summary>
public sealed class RedisShardsFixture : RedisFixture
{
    public override Task InitializeAsync() => StartAsync(3, () => []);
}
