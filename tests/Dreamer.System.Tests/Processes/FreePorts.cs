using System.Net;
using System.Net.Sockets;

namespace Dreamer.System.Tests.Processes;

/// <summary>Ports of the loopback address that nobody listens on.</summary>
internal static class FreePorts
{
    public static string[] Take(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        Array.ForEach(listeners, listener => listener.Start());
        string[] addresses = [.. listeners.Select(listener => listener.LocalEndpoint.ToString()!)];
        Array.ForEach(listeners, listener => listener.Dispose());
        return addresses;
    }
}
