using System.Security.Cryptography;
using System.Text;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Settings;

namespace Dreamer.Hosting.Edge;

/// <summary>The tokens that a server accepts, one per role. Empty: nobody is asked for one.</summary>
public sealed class TokenBook
{
    private readonly List<(PeerRole Role, byte[] Hash)> _tokens = [];

    /// <exception cref="ConfigurationException">Two roles share a token.</exception>
    public TokenBook(IEnumerable<KeyValuePair<PeerRole, string>> tokens)
    {
        foreach (var (role, token) in tokens)
        {
            if (Find(token) is var other && other != PeerRole.None)
            {
                throw new ConfigurationException($"replay.{Name(role)}_token_file: the token is the same as that of replay.{Name(other)}_token_file; each role needs its own.");
            }

            _tokens.Add((role, Hash(token)));
        }
    }

    /// <summary>No token is configured, so calls are not authenticated.</summary>
    public bool IsEmpty => _tokens.Count == 0;

    /// <summary>Reads <c>replay.actor_token_file</c>, <c>learner_token_file</c> and <c>operator_token_file</c>.</summary>
    public static TokenBook Load(ReplaySettings settings)
    {
        var tokens = new List<KeyValuePair<PeerRole, string>>();
        Add(PeerRole.Actor, settings.ActorTokenFile);
        Add(PeerRole.Learner, settings.LearnerTokenFile);
        Add(PeerRole.Operator, settings.OperatorTokenFile);
        return new TokenBook(tokens);

        void Add(PeerRole role, string path)
        {
            if (TokenFile.Read($"replay.{Name(role)}_token_file", path) is { } token)
            {
                tokens.Add(new(role, token));
            }
        }
    }

    /// <summary>Role of a token, or <see cref="PeerRole.None"/>. The time taken does not depend on where a wrong token differs.</summary>
    public PeerRole Find(string token)
    {
        var hash = Hash(token);
        var found = PeerRole.None;
        foreach (var (role, known) in _tokens)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, known))
            {
                found = role;
            }
        }

        return found;
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private static string Name(PeerRole role) => role.ToString().ToLowerInvariant();
}
