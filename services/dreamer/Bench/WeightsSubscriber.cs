using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Dreamer.Contracts.Clients;
using Dreamer.Hosting.Edge;
using Dreamer.Hosting.Settings;
using Dreamer.Policies;
using Microsoft.Extensions.Logging.Abstractions;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.Bench;

/// <summary>What an actor does with weights and nothing else: a process that notes when it has each version.</summary>
internal static class WeightsSubscriber
{
    private const string Name = "bench-subscriber";

    private static readonly Argument<string> Address = new("address");
    private static readonly Argument<string> Notes = new("notes");

    /// <summary>What <c>bench scale</c> starts as a subscriber.</summary>
    public static Command Create()
    {
        var command = new Command(Name, "A subscriber of bench.") { Address, Notes };
        command.Hidden = true;
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(Address)!, parsed.GetValue(Notes)!, cancellation));
        return command;
    }

    /// <summary>Arguments of a subscriber.</summary>
    /// <param name="address">URL of the service, or of a relay.</param>
    /// <param name="notes">File that gets a line per version.</param>
    public static string[] Arguments(string address, string notes) => [Name, address, notes];

    /// <summary>Versions in the order of their arrival, with the clock of all processes of this machine.</summary>
    public static List<(long Version, long Arrived)> Read(string notes)
    {
        if (!File.Exists(notes))
        {
            return [];
        }

        using var reader = new StreamReader(new FileStream(notes, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var lines = reader.ReadToEnd().Split('\n');
        return [.. lines[..^1].Select(line => line.Split(' ')).Select(parts => (long.Parse(parts[0], CultureInfo.InvariantCulture), long.Parse(parts[1], CultureInfo.InvariantCulture)))];
    }

    private static async Task<int> RunAsync(string address, string notes, CancellationToken cancellation)
    {
        using var channel = ReplayChannel.Open(new ReplaySettings { Address = address, MaxMessageBytes = 1 << 20 });
        await using var feed = new GrpcPolicyFeed(new V1.Weights.WeightsClient(channel.Invoker), TimeProvider.System, NullLogger<GrpcPolicyFeed>.Instance);
        await using var writer = new StreamWriter(notes) { AutoFlush = true, NewLine = "\n" };

        // As an actor does that has swapped to them.
        PolicyBlob? newest = null;
        while (true)
        {
            var blob = await feed.NextAsync(newest?.Version ?? -1, cancellation);
            await writer.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{blob.Version} {Stopwatch.GetTimestamp()}"));
            newest?.Release();
            newest = blob;
        }
    }
}
