using System.Security.Cryptography;
using System.Text;

namespace Dreamer.Redis;

/// <summary>
/// The users of a store's Redis, as lines of its ACL file: the replay service writes its key space, the learner reads payload, nobody does
/// anything else. The replay service is the default user, because the older clients know no other; that user has a password, so who shows
/// none is nobody.
/// </summary>
public static class RedisUsers
{
    /// <summary>Setting <c>replay.user</c> of learners.</summary>
    public const string Learner = "learner";

    // Names that this server does not know would keep it from starting: what newer ones have comes with the category.
    private const string ReplayCommands =
        "-@all +@connection -@dangerous +get +set +setex +psetex +getrange +strlen +del +unlink +persist +hget +hmget +hgetall +hset +hsetnx +hincrby +hdel"
        + " +xadd +xrange +xdel +exists +eval +evalsha +script|load +cluster|nodes +info";

    private const string LearnerCommands = "-@all +getrange +strlen +cluster|keyslot +ping";

    /// <summary>The ACL file's text. It holds hashes of the passwords, not the passwords.</summary>
    /// <param name="replayPassword">Of the replay service.</param>
    /// <param name="learnerPassword">Of the learner.</param>
    /// <param name="prefix">First part of every key.</param>
    public static string ToAcl(string replayPassword, string learnerPassword, string prefix = "rb") =>
        $"user default on #{Hash(replayPassword)} resetchannels resetkeys ~{prefix}:* {ReplayCommands}\n"
        + $"user {Learner} on #{Hash(learnerPassword)} resetchannels resetkeys %R~{prefix}:*:c:* {LearnerCommands} (%R~{prefix}:*:meta +hget +exists)\n";

    private static string Hash(string password) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(password)));
}
