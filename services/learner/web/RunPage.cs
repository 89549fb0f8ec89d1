using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Security.Cryptography;
using System.Text.Json;
using Dreamer.Hosting;
using Dreamer.Hosting.Edge;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.Learner.Web;

/// <summary>
/// Serves the page of one or several runs over HTTP/1: files that lie in this assembly, and JSON. Only reads; nothing that it loads lies
/// on another host.
/// </summary>
public sealed class RunPage : IAsyncDisposable
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly TimeSpan StatusPatience = TimeSpan.FromSeconds(2);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    private static readonly Dictionary<string, string> MediaTypes = new()
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
        [".png"] = "image/png",
        [".gif"] = "image/gif",
    };

    private readonly WebApplication _app;

    private RunPage(WebApplication app, string url) => (_app, Url) = (app, url);

    /// <summary>Where to look, e.g. <c>http://127.0.0.1:7480/</c>.</summary>
    public string Url { get; }

    /// <summary>Begins to serve. Where another run of this machine has the port already, a free one of the same loopback address is taken.</summary>
    /// <param name="address">Where to listen.</param>
    /// <param name="runs">The first is shown first.</param>
    /// <param name="guard">Who may look.</param>
    /// <exception cref="UserErrorException">The address cannot be had; names the setting.</exception>
    public static async Task<RunPage> StartAsync(ListenAddress address, IReadOnlyList<ShownRun> runs, PageGuard guard, ILoggerFactory logs, CancellationToken cancellation)
    {
        try
        {
            return await ServeAsync(address, runs, guard, logs, cancellation);
        }
        catch (UserErrorException taken) when (InUse(taken) && (address.Host == "localhost" || (IPAddress.TryParse(address.Host, out var host) && IPAddress.IsLoopback(host))))
        {
            return await ServeAsync(address with { Port = 0 }, runs, guard, logs, cancellation);
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task<RunPage> ServeAsync(ListenAddress address, IReadOnlyList<ShownRun> runs, PageGuard guard, ILoggerFactory logs, CancellationToken cancellation)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton(logs);
        builder.AddDreamerEndpoints(new ServiceEndpoints(null, address));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.MaxConcurrentConnections = 200;
        });
        var app = builder.Build();
        try
        {
            Map(app, [.. runs], guard);
            await app.StartDreamerAsync(cancellation);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        var url = new UriBuilder(app.Urls.First().Replace("*", "localhost", StringComparison.Ordinal));
        url.Host = url.Host is "0.0.0.0" or "[::]" ? "localhost" : url.Host;
        return new RunPage(app, url.Uri.ToString());
    }

    private static void Map(WebApplication app, ImmutableArray<ShownRun> runs, PageGuard guard)
    {
        app.Use((context, next) =>
        {
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = Policy;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";
            headers["Cross-Origin-Resource-Policy"] = "same-origin";
            headers.CacheControl = "no-cache";
            return guard.InvokeAsync(context, next);
        });
        foreach (var (path, file) in Assets())
        {
            app.MapGet(path, () => Results.Bytes(file.Content, file.MediaType, entityTag: file.Tag));
        }

        IResult Of(int run, Func<ShownRun, IResult> answer) => run >= 0 && run < runs.Length ? answer(runs[run]) : Results.NotFound();

        app.MapGet("/api/runs", () => Results.Json(runs.Select((run, id) => PageJson.Run(id, run)), Json));
        app.MapGet("/api/runs/{run:int}/now", async (int run, CancellationToken cancellation) =>
        {
            var (status, problem) = run >= 0 && run < runs.Length ? await StatusAsync(runs[run], cancellation) : (null, null);
            return Of(run, shown => Results.Json(PageJson.Now(shown, status, problem), Json));
        });
        app.MapGet("/api/runs/{run:int}/curves", (int run, long? since, string? only) =>
            Of(run, shown => Results.Json(PageJson.Curves(shown, since ?? -1, only == "headline"), Json)));
        app.MapGet("/api/runs/{run:int}/pictures", (int run) => Of(run, shown => Results.Json(PageJson.Pictures(shown), Json)));
        app.MapGet("/api/runs/{run:int}/pictures/{file}", (int run, string file) => Of(run, shown => shown.PathOf(file) is { } path
            ? Results.File(path, MediaTypes[Path.GetExtension(path)], lastModified: File.GetLastWriteTimeUtc(path))
            : Results.NotFound()));
    }

    private static async Task<(V1.StatusReply? Status, string? Problem)> StatusAsync(ShownRun run, CancellationToken cancellation)
    {
        if (run.Live is not { } live)
        {
            return (null, null);
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(StatusPatience);
        try
        {
            return (await live.Replay(patience.Token), null);
        }
        catch (Exception failure) when (failure is RpcException or OperationCanceledException or ObjectDisposedException && !cancellation.IsCancellationRequested)
        {
            return (null, failure is RpcException { StatusCode: not StatusCode.Cancelled } call ? $"{call.StatusCode}: {call.Status.Detail}" : "no answer in time");
        }
    }

    private static bool InUse(Exception error) =>
        error is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } || (error.InnerException is { } inner && InUse(inner));

    // Resources are named page/FILE.
    private static IEnumerable<(string Path, (byte[] Content, string MediaType, EntityTagHeaderValue Tag) File)> Assets()
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith("page/", StringComparison.Ordinal)))
        {
            using var resource = assembly.GetManifestResourceStream(name)!;
            var content = new byte[resource.Length];
            resource.ReadExactly(content);
            var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..16]}\"");
            var file = name["page/".Length..];
            yield return (file == "index.html" ? "/" : "/" + file, (content, MediaTypes[Path.GetExtension(file)], tag));
        }
    }
}
