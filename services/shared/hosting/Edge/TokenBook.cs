using System.Security.Cryptography;
using System.Text;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Settings;
using Microsoft.AspNetCore.Http;

namespace Dreamer.Hosting.Edge;

/// <summary>The tokens that a server takes, by role. Empty: nobody is asked for one.</summary>
public sealed class TokenBook
{
    private const string Scheme = "Bearer ";

    private readonly Func<IReadOnlyList<(PeerRole Role, byte[] Hash)>> _tokens;

    /// <exception cref="ConfigurationException">Two roles share a token.</exception>
    public TokenBook(IEnumerable<KeyValuePair<PeerRole, string>> tokens)
    {
        var fixedTokens = Hashed(tokens);
        _tokens = () => fixedTokens;
    }

    private TokenBook(IEnumerable<string> paths, Func<IReadOnlyList<(PeerRole, byte[])>> read, TimeProvider time)
    {
        var files = new WatchedFiles<IReadOnlyList<(PeerRole, byte[])>>(paths, read, time, error => Warning?.Invoke($"{error.Message} The tokens before stay in use."));
        _tokens = () => files.Value;
    }

    /// <summary>Told what is wrong with files that have changed; the tokens before stay.</summary>
    public event Action<string>? Warning;

    /// <summary>No token is configured, so calls are not authenticated.</summary>
    public bool IsEmpty => _tokens().Count == 0;

    /// <summary>Reads <c>replay.actor_token_file</c>, <c>learner_token_file</c> and <c>operator_token_file</c>, again when one of them changes.</summary>
    /// <param name="settings">Names the files.</param>
    /// <param name="time">Clock.</param>
    /// <exception cref="ConfigurationException">A file cannot be read or holds no token, or two roles share one.</exception>
    public static TokenBook Load(ReplaySettings settings, TimeProvider time)
    {
        (PeerRole Role, string Path)[] files =
            [(PeerRole.Actor, settings.ActorTokenFile), (PeerRole.Learner, settings.LearnerTokenFile), (PeerRole.Operator, settings.OperatorTokenFile)];
        return Load([.. files.Select(file => (file.Role, Setting(file.Role), file.Path))], time);
    }

    /// <summary>Reads files of tokens, again when one of them changes.</summary>
    /// <param name="files">Role, key of the setting, and its value.</param>
    /// <param name="time">Clock.</param>
    /// <exception cref="ConfigurationException">As above.</exception>
    public static TokenBook Load(IReadOnlyList<(PeerRole Role, string Setting, string Path)> files, TimeProvider time) => new(
        files.Select(file => file.Path),
        () => Hashed(files.SelectMany(file => TokenFile.ReadAll(file.Setting, file.Path).Select(token => KeyValuePair.Create(file.Role, token)))),
        time);

    /// <summary>Role of the bearer token that a request shows, or <see cref="PeerRole.None"/>.</summary>
    public PeerRole Find(HttpRequest request) =>
        request.Headers.Authorization.ToString() is var header && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? Find(header[Scheme.Length..]) : PeerRole.None;

    /// <summary>Role of a token, or <see cref="PeerRole.None"/>. The time taken does not depend on where a wrong token differs.</summary>
    public PeerRole Find(string token)
    {
        var hash = Hash(token);
        var found = PeerRole.None;
        foreach (var (role, known) in _tokens())
        {
            if (CryptographicOperations.FixedTimeEquals(hash, known))
            {
                found = role;
            }
        }

        return found;
    }

    private static List<(PeerRole Role, byte[] Hash)> Hashed(IEnumerable<KeyValuePair<PeerRole, string>> tokens)
    {
        var hashed = new List<(PeerRole Role, byte[] Hash)>();
        foreach (var (role, token) in tokens)
        {
            var hash = Hash(token);
            if (hashed.Find(known => known.Role != role && known.Hash.AsSpan().SequenceEqual(hash)) is { Hash: not null } other)
            {
                throw new ConfigurationException($"{Setting(role)}: the token is the same as that of {Setting(other.Role)}; each role needs its own.");
            }

            hashed.Add((role, hash));
        }

        return hashed;
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private static string Setting(PeerRole role) => $"replay.{role.ToString().ToLowerInvariant()}_token_file";
}
