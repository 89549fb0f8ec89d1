using Dreamer.Hosting.Edge;
using Dreamer.Hosting.Edge.Tls;
using Dreamer.Redis;

namespace Dreamer.Local;

/// <summary>Passwords, tokens and certificates of a run on this machine, made where they are missing; each process is told of those that it needs.</summary>
/// <param name="directory">Holds the files, which nobody but their owner may read.</param>
/// <param name="tls">Whether the service and Redis speak TLS; then every client shows a certificate.</param>
internal sealed class LocalSecrets(string directory, bool tls)
{
    private const int CertificateDays = 365;
    private static readonly string[] Hosts = ["localhost", "127.0.0.1"];

    /// <summary>Redis' users; written anew.</summary>
    public string WriteRedisUsers()
    {
        var path = Path.Combine(directory, "redis-users.acl");
        SecretFile.Write(path, RedisUsers.ToAcl(Password("redis"), Password("redis-learner")));
        return path;
    }

    /// <summary>Lines of Redis' configuration: where it listens.</summary>
    public string RedisListens(int port)
    {
        if (!tls)
        {
            return $"port {port}";
        }

        var authority = Authority("server");
        return $"""
            port 0
            tls-port {port}
            tls-cert-file "{authority["server.crt"]}"
            tls-key-file "{authority["server.key"]}"
            tls-ca-cert-file "{authority["ca.crt"]}"
            tls-auth-clients yes
            """;
    }

    /// <summary>Settings of the replay service, as environment variables.</summary>
    public IEnumerable<KeyValuePair<string, string>> OfReplay() =>
    [
        new("DREAMER__REPLAY__PASSWORD_FILE", Secret("redis.password")),
        new("DREAMER__REPLAY__ACTOR_TOKEN_FILE", Secret("actor.token")),
        new("DREAMER__REPLAY__LEARNER_TOKEN_FILE", Secret("learner.token")),
        new("DREAMER__REPLAY__OPERATOR_TOKEN_FILE", Secret("operator.token")),
        .. Certificate("server"),
        .. Certificate("client", "REDIS_TLS"),
        .. tls ? [new("DREAMER__REPLAY__TLS__REQUIRE_CLIENT_CERTIFICATE", "true")] : Array.Empty<KeyValuePair<string, string>>(),
    ];

    /// <summary>Settings of the learner.</summary>
    public IEnumerable<KeyValuePair<string, string>> OfLearner() =>
    [
        new("DREAMER__REPLAY__USER", RedisUsers.Learner),
        new("DREAMER__REPLAY__PASSWORD_FILE", Secret("redis-learner.password")),
        .. Certificate("client", "REDIS_TLS"),
        .. OfClient("learner"),
    ];

    /// <summary>Settings of a client of the replay service.</summary>
    /// <param name="role">actor, learner or operator.</param>
    public IEnumerable<KeyValuePair<string, string>> OfClient(string role) =>
        [new("DREAMER__REPLAY__TOKEN_FILE", Secret($"{role}.token")), .. Certificate("client")];

    private IEnumerable<KeyValuePair<string, string>> Certificate(string name, string section = "TLS")
    {
        if (!tls)
        {
            return [];
        }

        var authority = Authority(name);
        return
        [
            new($"DREAMER__REPLAY__{section}__CERTIFICATE_FILE", authority[$"{name}.crt"]),
            new($"DREAMER__REPLAY__{section}__KEY_FILE", authority[$"{name}.key"]),
            new($"DREAMER__REPLAY__{section}__CA_FILE", authority["ca.crt"]),
        ];
    }

    // With a certificate of that name that lasts a while.
    private CertificateAuthority Authority(string name)
    {
        var authority = new CertificateAuthority(Path.Combine(directory, "tls"), TimeProvider.System);
        if (authority.Expiry("ca.crt") is null)
        {
            authority.Create(Hosts, CertificateDays);
        }
        else if (!(authority.Expiry($"{name}.crt") > DateTimeOffset.UtcNow.AddDays(CertificateDays / 10.0)))
        {
            authority.Renew(Hosts, CertificateDays);
        }

        return authority;
    }

    private string Password(string name) => File.ReadAllText(Secret($"{name}.password")).Trim();

    private string Secret(string name) => SecretFile.Random(Path.Combine(directory, name));
}
