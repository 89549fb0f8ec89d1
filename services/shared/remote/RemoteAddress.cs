using System.Globalization;

namespace Dreamer.Remote;

/// <summary>Where an environment is served: <c>remote:HOST:PORT</c>, or <c>remote:HOST:PORT/WORLD</c> for a world that exists already.</summary>
/// <param name="Host">Name or IP address, IPv6 in brackets.</param>
/// <param name="Port">1 to 65535.</param>
/// <param name="World">World to join; null where each environment creates one of its own.</param>
public sealed record RemoteAddress(string Host, int Port, string? World)
{
    /// <summary>The word that such names begin with.</summary>
    public const string Prefix = "remote";

    /// <exception cref="ArgumentException">The name has another form; the message shows the right one.</exception>
    public static RemoteAddress Parse(string name)
    {
        var rest = name.StartsWith(Prefix + ":", StringComparison.Ordinal) ? name[(Prefix.Length + 1)..] : "";
        var slash = rest.IndexOf('/');
        var place = slash < 0 ? rest : rest[..slash];
        var colon = place.LastIndexOf(':');
        return colon > 0
            && Uri.CheckHostName(place[..colon]) != UriHostNameType.Unknown
            && int.TryParse(place[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65535
            ? new RemoteAddress(place[..colon], port, slash < 0 ? null : rest[(slash + 1)..])
            : throw new ArgumentException($"env.name: '{name}' is no address; write remote:HOST:PORT or remote:HOST:PORT/WORLD, e.g. remote:127.0.0.1:7500.");
    }

    /// <summary>The URL of the connection.</summary>
    public Uri Url(bool tls) => new($"{(tls ? "https" : "http")}://{Host}:{Port}");

    public override string ToString() => $"{Host}:{Port}";
}
