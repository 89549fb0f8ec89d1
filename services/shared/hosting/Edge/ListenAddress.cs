using System.Globalization;
using System.Net;
using Dreamer.Hosting.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Dreamer.Hosting.Edge;

/// <summary>Where a server listens.</summary>
/// <param name="Setting">Key that it came from, for errors.</param>
/// <param name="Host">IP address, <c>localhost</c> or <c>*</c> for all.</param>
/// <param name="Port">0 takes a free one.</param>
public sealed record ListenAddress(string Setting, string Host, int Port)
{
    /// <summary>Reads <c>host:port</c>; null when the text is empty.</summary>
    /// <exception cref="ConfigurationException">The text has another form.</exception>
    public static ListenAddress? Parse(string setting, string text)
    {
        if (text.Length == 0)
        {
            return null;
        }

        var at = text.LastIndexOf(':');
        var host = at > 0 ? text[..at].Trim('[', ']') : "";
        return (host is "*" or "localhost" || IPAddress.TryParse(host, out _))
            && int.TryParse(text[(at + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= 65535
            ? new ListenAddress(setting, host, port)
            : throw new ConfigurationException($"{setting}: '{text}' is not an address to listen on; write IP:PORT, e.g. 127.0.0.1:7400 or 0.0.0.0:7400.");
    }

    public override string ToString() => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    internal void Listen(KestrelServerOptions kestrel, Action<ListenOptions> configure)
    {
        switch (Host)
        {
            case "*":
                kestrel.ListenAnyIP(Port, configure);
                break;
            // Kestrel cannot take a free port on both loopback addresses at once.
            case "localhost" when Port > 0:
                kestrel.ListenLocalhost(Port, configure);
                break;
            default:
                kestrel.Listen(Host == "localhost" ? IPAddress.Loopback : IPAddress.Parse(Host), Port, configure);
                break;
        }
    }
}
