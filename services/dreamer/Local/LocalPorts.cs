using System.Net;
using System.Net.Sockets;

namespace Dreamer.Local;

/// <summary>
/// Ports of the loopback address for processes to come. They lie below those that the system gives to outgoing connections: of many processes
/// that start together one would else have connected from the port that another is to listen on.
/// </summary>
internal static class LocalPorts
{
    private const int Lowest = 20_000;
    private const int Count = 12_000;
    private static readonly HashSet<int> Given = [];

    /// <summary>A port that nobody listens on, none twice.</summary>
    public static int Take()
    {
        while (true)
        {
            var port = Lowest + Random.Shared.Next(Count);
            lock (Given)
            {
                if (Given.Count == Count)
                {
                    throw new InvalidOperationException($"no port of {Lowest} to {Lowest + Count - 1} is left");
                }

                if (!Given.Add(port))
                {
                    continue;
                }
            }

            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody listens there: another one.
            }
        }
    }
}
