using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Dreamer.Hosting.Edge;

/// <summary>Serves the health address of a service that cannot begin yet: it is alive, and not ready for the reason that it told last.</summary>
/// <param name="service">e.g. <c>dreamer-replay</c>.</param>
/// <param name="configuration">Of the service.</param>
/// <param name="health">Null for none; free again when this is disposed.</param>
public sealed partial class WaitingRoom(string service, DreamerConfiguration configuration, ListenAddress? health) : IAsyncDisposable
{
    private WebApplication? _app;
    private string _reason = "";

    /// <summary>Says why the service waits; the first reason opens the address.</summary>
    /// <exception cref="UserErrorException">The address is taken; the message names the setting.</exception>
    public async Task TellAsync(string reason, CancellationToken cancellation)
    {
        _reason = reason;
        _app ??= await OpenAsync(cancellation);
        Log.Waiting(_app.Services.GetRequiredService<ILogger<WaitingRoom>>(), reason);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _app, null) is { } app)
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }
    }

    private async Task<WebApplication> OpenAsync(CancellationToken cancellation)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.AddDreamerTelemetry(service, configuration);
        builder.Services.AddReadiness(_ => ValueTask.FromResult<string?>(_reason));
        builder.AddDreamerEndpoints(new ServiceEndpoints(null, health));
        var app = builder.Build();
        app.MapDreamerHealth();
        await app.StartDreamerAsync(cancellation);
        return app;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "waiting: {Reason}")]
        public static partial void Waiting(ILogger logger, string reason);
    }
}
