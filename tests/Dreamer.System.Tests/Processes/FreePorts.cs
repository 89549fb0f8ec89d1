using Dreamer.Local;

namespace Dreamer.System.Tests.Processes;

/// <summary>Ports of the loopback address that nobody listens on, none twice.</summary>
internal static class FreePorts
{
    public static string[] Take(int count) => [.. Enumerable.Range(0, count).Select(_ => $"127.0.0.1:{LocalPorts.Take()}")];
}
