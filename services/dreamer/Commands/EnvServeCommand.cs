using System.CommandLine;
using Dreamer.Environments;
using Dreamer.Hosting;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Edge;
using Dreamer.Hosting.Edge.Tls;
using Dreamer.Hosting.Settings;
using Dreamer.Hosting.Telemetry;
using Dreamer.Remote;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dreamer.Commands;

/// <summary><c>dreamer env serve</c></summary>
internal static class EnvServeCommand
{
    private static readonly Argument<string> Name = new("name") { Description = "The environment; 'dreamer env list' has all." };

    private static readonly Option<string> Listen = new("--listen")
    {
        Description = "IP:PORT to listen on; port 0 takes a free one.",
        DefaultValueFactory = _ => "127.0.0.1:7500",
    };

    private static readonly Option<int> Sessions = new("--sessions")
    {
        Description = "Environments that one client address may have at a time.",
        DefaultValueFactory = _ => 256,
    };

    public static Command Create()
    {
        var command = SettingsCommand.Create(
            "serve", "Serves one of the environments to any dm_env_rpc client, several at once.", RunAsync, [Listen, Sessions]);
        command.Arguments.Add(Name);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, DreamerConfiguration configuration, CancellationToken cancellation)
    {
        var options = configuration.With("env.name", parsed.GetValue(Name)!, "env serve").Bind<EnvironmentOptions>("env");
        var address = ListenAddress.Parse("--listen", parsed.GetValue(Listen)!)
            ?? throw new UserErrorException("--listen is empty: write IP:PORT, e.g. 127.0.0.1:7500", ExitCode.Usage);
        var seed = (ulong)configuration.Bind<RunSettings>("").Seed;
        var spec = EnvironmentRegistry.SpecOf(options);

        var builder = WebApplication.CreateSlimBuilder();
        builder.AddDreamerTelemetry("dreamer-env", configuration);
        builder.AddDreamerEndpoints(new ServiceEndpoints(address, null) { Tls = ServerTls.Open("env.remote.tls", options.Remote.Tls, TimeProvider.System) });
        builder.Services.AddEnvironmentServer(
            parsed.GetValue(Sessions), TokenBook.Load([(PeerRole.Actor, "env.remote.token_file", options.Remote.TokenFile)], TimeProvider.System));

        // A client that holds its stream open would otherwise keep the server from stopping.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        builder.Services.AddSingleton(services => new EnvironmentService(
            world => EnvironmentRegistry.Make(options, world), seed, services.GetRequiredService<ILogger<EnvironmentService>>()));
        await using var app = builder.Build();
        app.MapGrpcService<EnvironmentService>();
        await app.StartDreamerAsync(cancellation);

        var bound = new Uri(app.Urls.First()).Authority;
        Console.WriteLine($"serving {options.Name} ({string.Join(" ", spec.Observations)}, {spec.Action}) at {bound}: ./dreamer train --env remote:{bound}");
        await app.WaitForShutdownAsync(cancellation);
        return ExitCode.Success;
    }
}
