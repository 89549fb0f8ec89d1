using System.CommandLine;
using Dreamer.Hosting;
using Dreamer.Hosting.Edge.Tls;

namespace Dreamer.Commands;

/// <summary><c>dreamer certificates</c></summary>
internal static class CertificatesCommand
{
    private static readonly Option<string> Out = new("--out") { Description = "Directory of the files; made if missing.", Required = true };

    private static readonly Option<string> Hosts = new("--hosts")
    {
        Description = "Names and addresses that the service is reached at, comma separated.",
        DefaultValueFactory = _ => "localhost,127.0.0.1,::1",
    };

    private static readonly Option<int> Days = new("--days")
    {
        Description = "Days until the server's and the client's certificate expire.",
        DefaultValueFactory = _ => 365,
    };

    private static readonly Option<bool> Renew = new("--renew") { Description = "New server and client certificates of the authority that is there." };

    public static Command Create()
    {
        var command = new Command(
            "certificates", "Makes an authority of your own and certificates for the service and its clients: ca, server, client, each .crt and .key.")
        {
            Out, Hosts, Days, Renew,
        };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        var hosts = parsed.GetValue(Hosts)!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var days = parsed.GetValue(Days);
        if (hosts.Length == 0 || days is < 1 or > CertificateAuthority.AuthorityDays)
        {
            throw new UserErrorException($"--hosts takes at least one name, --days 1 to {CertificateAuthority.AuthorityDays}.", ExitCode.Usage);
        }

        var directory = Path.GetFullPath(parsed.GetValue(Out)!);
        var authority = new CertificateAuthority(directory, TimeProvider.System);
        if (parsed.GetValue(Renew))
        {
            authority.Renew(hosts, days);
        }
        else
        {
            authority.Create(hosts, days);
        }

        Console.WriteLine($"""
            {directory}: for {string.Join(", ", hosts)}
              authority   ca.crt      until {authority.Expiry("ca.crt"):yyyy-MM-dd}; ca.key signs: keep it away from the services
              service     server.crt  until {authority.Expiry("server.crt"):yyyy-MM-dd}
              clients     client.crt  until {authority.Expiry("client.crt"):yyyy-MM-dd}
            service: --replay.tls.certificate_file {authority["server.crt"]} --replay.tls.key_file {authority["server.key"]}
              and, so that clients must show theirs: --replay.tls.ca_file {authority["ca.crt"]} --replay.tls.require_client_certificate true
            clients: --replay.address https://{(hosts[0].Contains(':') ? $"[{hosts[0]}]" : hosts[0])}:7400 --replay.tls.ca_file {authority["ca.crt"]}
              and theirs: --replay.tls.certificate_file {authority["client.crt"]} --replay.tls.key_file {authority["client.key"]}
            """);
        return ExitCode.Success;
    }
}
