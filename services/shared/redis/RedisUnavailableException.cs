using Dreamer.Experience;

namespace Dreamer.Redis;

/// <summary>Redis does not answer, refuses the password, or is of a version that cannot work; the message names the setting and the remedy.</summary>
public sealed class RedisUnavailableException(string message, Exception? inner = null) : StoreUnavailableException(message, inner)
{
    /// <summary>It does not answer, which may be over in a moment: it starts, or reads its files.</summary>
    public bool MayPass { get; init; }
}
