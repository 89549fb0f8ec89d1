using Dreamer.Hosting.Edge;
using Dreamer.Hosting.Edge.Tls;
using Dreamer.Hosting.Settings;
using Dreamer.Spaces;
using Microsoft.AspNetCore.Builder;

namespace Dreamer.Replay;

/// <summary>What section <c>replay</c> says of those who call: TLS, tokens and limits, of the service and of its relays alike.</summary>
internal sealed class ReplayEdge
{
    private readonly TokenBook tokens;
    private readonly ServerTls? tls;

    /// <param name="builder">Gets the addresses and the gate before all calls.</param>
    /// <param name="settings">Section <c>replay</c>.</param>
    /// <param name="files">TLS of <paramref name="grpc"/>, and the section that it is from.</param>
    /// <param name="grpc">Where gRPC is served.</param>
    /// <param name="health">Where health is told, null for nowhere.</param>
    /// <param name="access">Who may call what.</param>
    /// <param name="errors">Which status an exception becomes.</param>
    public ReplayEdge(
        WebApplicationBuilder builder,
        ReplaySettings settings,
        (string Section, TlsFiles Files) files,
        ListenAddress? grpc,
        ListenAddress? health,
        IReadOnlyDictionary<string, PeerRole> access,
        ErrorMap errors)
    {
        tls = ServerTls.Open(files.Section, files.Files, TimeProvider.System);
        builder.AddDreamerEndpoints(new ServiceEndpoints(grpc, health)
        {
            Tls = tls,
            MaxConnections = settings.Limits.Connections,
            LostAfter = TimeSpan.FromSeconds(settings.LostAfterSeconds),
        });
        tokens = TokenBook.Load(settings, TimeProvider.System);
        var limits = new EdgeLimits(settings.MaxMessageBytes, settings.Limits.CallsPerAddress)
        {
            CallsPerSecond = settings.Limits.CallsPerSecond,
            BytesPerSecond = settings.Limits.BytesPerSecond,
        };
        builder.Services.AddDreamerGrpc(limits, tokens, new RpcAccess(access), errors);
    }

    /// <summary>Told what is wrong with files that have changed.</summary>
    public event Action<string> Warning
    {
        add
        {
            tokens.Warning += value;
            tls?.Warning += value;
        }

        remove
        {
            tokens.Warning -= value;
            tls?.Warning -= value;
        }
    }
}
