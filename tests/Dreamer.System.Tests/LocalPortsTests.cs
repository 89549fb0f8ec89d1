using System.Net;
using System.Net.Sockets;
using Dreamer.Local;

namespace Dreamer.System.Tests;

/// <summary>Where the processes of <c>dreamer up</c> listen.</summary>
public sealed class LocalPortsTests
{
    [Fact]
    public void Ports_differ_and_are_none_that_an_outgoing_connection_may_get()
    {
        var ports = Enumerable.Range(0, 300).Select(_ => LocalPorts.Take()).ToArray();
        Assert.Equal(ports.Length, ports.Distinct().Count());

        using var outgoing = new TcpListener(IPAddress.Loopback, 0);
        outgoing.Start();
        var lowest = OperatingSystem.IsLinux()
            ? int.Parse(File.ReadAllText("/proc/sys/net/ipv4/ip_local_port_range").Split('\t')[0])
            : ((IPEndPoint)outgoing.LocalEndpoint).Port;
        Assert.All(ports, port => Assert.True(port is > 1023 && port < lowest, $"{port} from {lowest} on"));
    }
}
