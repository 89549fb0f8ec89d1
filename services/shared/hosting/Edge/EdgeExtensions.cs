using System.Net.Sockets;
using System.Text.Json;
using Dreamer.Hosting.Telemetry;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Dreamer.Hosting.Edge;

/// <summary>The network side of a service.</summary>
public static class EdgeExtensions
{
    /// <summary>Tag of the checks that decide about <c>/ready</c>.</summary>
    public const string ReadyTag = "ready";

    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(2);

    /// <summary>Listens on the given addresses and nowhere else. With none of them the host serves no HTTP.</summary>
    public static WebApplicationBuilder AddDreamerEndpoints(this WebApplicationBuilder builder, ServiceEndpoints endpoints)
    {
        builder.Services.AddSingleton(endpoints);

        // Calls that last as long as their client would hold the end up for half a minute; clients take up where they were cut off.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = LongestEnd);
        builder.Services.AddHealthChecks();
        builder.WebHost.UseSetting(WebHostDefaults.PreferHostingUrlsKey, "false");
        builder.WebHost.ConfigureKestrel(endpoints.Configure);
        if (!endpoints.All.Any())
        {
            builder.Services.AddSingleton<IServer, NoServer>();
        }

        return builder;
    }

    /// <summary>gRPC with tokens, authorisation per rpc, limits, and exceptions turned into statuses.</summary>
    public static IServiceCollection AddDreamerGrpc(
        this IServiceCollection services, EdgeLimits limits, TokenBook tokens, RpcAccess access, ErrorMap errors)
    {
        services.AddSingleton(tokens).AddSingleton(access).AddSingleton(errors).AddSingleton(limits);
        services.AddSingleton<ErrorInterceptor>().AddSingleton<CallGate>().AddSingleton<IStartupFilter, CallGateFilter>();

        // It says of bytes that are no message what a peer's mistake is, with a trace each; of what fails in a service ErrorInterceptor tells.
        services.AddLogging(logging => logging.AddFilter("Grpc.AspNetCore.Server", LogLevel.None));
        services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = limits.MaxMessageBytes;
            grpc.MaxSendMessageSize = limits.MaxMessageBytes;
            grpc.Interceptors.Add<ErrorInterceptor>();
        });
        return services;
    }

    /// <summary>
    /// On the health address: <c>/alive</c> (the process answers), <c>/ready</c> (checks tagged <see cref="ReadyTag"/>), <c>/health</c> (all
    /// checks as JSON; 503 when one is unhealthy) and <c>/metrics</c> (Prometheus text).
    /// </summary>
    public static WebApplication MapDreamerHealth(this WebApplication app)
    {
        var group = app.MapGroup("").AddEndpointFilter(OnlyOnHealthAddress);
        group.MapGet("/alive", () => Results.Text("""{"status":"alive"}""", "application/json"));
        group.MapGet("/ready", (HealthCheckService checks, CancellationToken cancellation) => Report(checks, check => check.Tags.Contains(ReadyTag), cancellation));
        group.MapGet("/health", (HealthCheckService checks, CancellationToken cancellation) => Report(checks, _ => true, cancellation));
        group.MapGet("/metrics", (PrometheusCollector collector) => Results.Text(collector.Scrape(), PrometheusCollector.ContentType));
        return app;
    }

    /// <summary>Starts listening.</summary>
    /// <exception cref="UserErrorException">An address is taken or not ours; the message names the setting.</exception>
    public static async Task StartDreamerAsync(this WebApplication app, CancellationToken cancellation)
    {
        var endpoints = app.Services.GetRequiredService<ServiceEndpoints>();
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (Exception error) when (error is IOException or SocketException && Culprit(endpoints, error) is { } address)
        {
            throw new UserErrorException($"{address.Setting}: cannot listen on {address}: {Reason(error)}; stop what uses it or choose another address.", cause: error);
        }
    }

    private static async ValueTask<object?> OnlyOnHealthAddress(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.HttpContext.Features.Get<IConnectionItemsFeature>() is { } connection && ServiceEndpoints.IsHealth(connection.Items)
            ? await next(context)
            : Results.NotFound();

    private static async Task<IResult> Report(HealthCheckService checks, Func<HealthCheckRegistration, bool> which, CancellationToken cancellation)
    {
        var report = await checks.CheckHealthAsync(which, cancellation);
        var body = new
        {
            status = report.Status.ToString().ToLowerInvariant(),
            checks = report.Entries.ToDictionary(
                entry => entry.Key,
                entry => new { status = entry.Value.Status.ToString().ToLowerInvariant(), description = entry.Value.Description ?? "" }),
        };
        return Results.Json(body, JsonSerializerOptions.Web, statusCode: report.Status == HealthStatus.Unhealthy ? 503 : 200);
    }

    // Kestrel's message holds the address that failed; the port tells ours apart.
    private static ListenAddress? Culprit(ServiceEndpoints endpoints, Exception error) =>
        endpoints.All.FirstOrDefault(address => error.Message.Contains($":{address.Port}:") || error.Message.EndsWith($":{address.Port}.", StringComparison.Ordinal))
        ?? (endpoints.All.Count() == 1 ? endpoints.All.Single() : null);

    private static string Reason(Exception error) => (error as SocketException ?? error.InnerException as SocketException ?? error.InnerException?.InnerException as SocketException)?.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => "the port is in use",
        SocketError.AddressNotAvailable => "this machine has no such address",
        SocketError.AccessDenied => "the port is reserved (below 1024)",
        _ => error.Message.TrimEnd('.'),
    };
}
