using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Edge;
using Dreamer.Hosting.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Dreamer.Hosting.Tests.Edge;

public sealed class EndpointTests
{
    [Fact]
    public async Task Health_says_what_is_wrong_and_alive_does_not_care()
    {
        await using var host = await EdgeHost.StartAsync(store: HealthStatus.Unhealthy);
        using var http = new HttpClient { BaseAddress = new Uri(host.Health) };
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/alive")).StatusCode);
        using var ready = await http.GetAsync("/ready");
        using var health = await http.GetAsync("/health");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable), (ready.StatusCode, health.StatusCode));

        var checks = JsonDocument.Parse(await health.Content.ReadAsStringAsync()).RootElement.GetProperty("checks");
        Assert.Equal("unhealthy", checks.GetProperty("store").GetProperty("status").GetString());
        Assert.Equal("of the test", checks.GetProperty("store").GetProperty("description").GetString());
        Assert.Equal("healthy", checks.GetProperty("extra").GetProperty("status").GetString());
        Assert.False(JsonDocument.Parse(await ready.Content.ReadAsStringAsync()).RootElement.GetProperty("checks").TryGetProperty("extra", out _));
    }

    [Fact]
    public async Task Health_and_metrics_are_not_served_on_the_grpc_address()
    {
        await using var host = await EdgeHost.StartAsync();
        using var http = new HttpClient { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(host.Grpc + "/metrics")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(host.Grpc + "/health")).StatusCode);
    }

    [Fact]
    public async Task The_probe_turns_health_into_an_exit_code()
    {
        await using var well = await EdgeHost.StartAsync();
        await using var ill = await EdgeHost.StartAsync(store: HealthStatus.Unhealthy);
        var errors = new StringWriter();
        var patience = TimeSpan.FromMinutes(1);
        Assert.Equal(0, await HealthProbe.RunAsync(well.Health + "/ready", errors, patience));
        Assert.Equal("", errors.ToString());
        Assert.Equal(1, await HealthProbe.RunAsync(ill.Health + "/ready", errors, patience));
        Assert.Contains("answered 503", errors.ToString());
        Assert.Equal(1, await HealthProbe.RunAsync("http://127.0.0.1:1/ready", errors, patience));
        Assert.Contains("cannot be asked", errors.ToString());
        Assert.Equal(1, await HealthProbe.RunAsync("not a url", errors, patience));
    }

    [Fact]
    public async Task The_probe_loses_its_patience_with_who_never_answers()
    {
        using var mute = new TcpListener(IPAddress.Loopback, 0);
        mute.Start();
        var errors = new StringWriter();
        Assert.Equal(1, await HealthProbe.RunAsync($"http://{mute.LocalEndpoint}/ready", errors, TimeSpan.FromMilliseconds(50)));
        Assert.Contains("cannot be asked", errors.ToString());
    }

    [Fact]
    public async Task A_port_in_use_names_its_setting()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var error = await Assert.ThrowsAsync<UserErrorException>(() => StartAsync("127.0.0.1:0", $"127.0.0.1:{port}"));
        Assert.Equal($"replay.health_listen: cannot listen on 127.0.0.1:{port}: the port is in use; stop what uses it or choose another address.", error.Message);
        error = await Assert.ThrowsAsync<UserErrorException>(() => StartAsync($"127.0.0.1:{port}", ""));
        Assert.StartsWith("replay.listen: cannot listen on", error.Message);
    }

    [Fact]
    public async Task An_address_that_is_not_ours_names_its_setting()
    {
        var error = await Assert.ThrowsAsync<UserErrorException>(() => StartAsync("", "192.0.2.1:7401"));
        Assert.StartsWith("replay.health_listen: cannot listen on 192.0.2.1:7401: this machine has no such address", error.Message);
    }

    [Fact]
    public async Task Without_addresses_nothing_is_served()
    {
        await using var app = Build("", "");
        await app.StartDreamerAsync(CancellationToken.None);
        Assert.Null(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>());
    }

    [Theory]
    [InlineData("7400")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:70000")]
    [InlineData("some.host:7400")]
    [InlineData("http://127.0.0.1:7400")]
    public void Addresses_to_listen_on_are_checked(string text)
    {
        var error = Assert.Throws<ConfigurationException>(() => ListenAddress.Parse("replay.listen", text));
        Assert.StartsWith($"replay.listen: '{text}' is not an address", error.Message);
    }

    [Fact]
    public void Addresses_are_read_in_every_form()
    {
        Assert.Null(ListenAddress.Parse("replay.listen", ""));
        Assert.Equal(new ListenAddress("replay.listen", "::1", 7400), ListenAddress.Parse("replay.listen", "[::1]:7400"));
        Assert.Equal("[::1]:7400", ListenAddress.Parse("replay.listen", "[::1]:7400")!.ToString());
        Assert.Equal(new ListenAddress("replay.listen", "*", 0), ListenAddress.Parse("replay.listen", "*:0"));
    }

    [Fact]
    public void A_replay_address_that_is_no_url_is_refused()
    {
        var error = Assert.Throws<ConfigurationException>(() => ReplayChannel.Open(new ReplaySettings { Address = "127.0.0.1:7400", MaxMessageBytes = 1 }));
        Assert.Equal("replay.address: '127.0.0.1:7400' is not a URL; write e.g. http://127.0.0.1:7400.", error.Message);
    }

    private static async Task StartAsync(string grpc, string health)
    {
        await using var app = Build(grpc, health);
        await app.StartDreamerAsync(CancellationToken.None);
    }

    private static WebApplication Build(string grpc, string health)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.AddDreamerEndpoints(new ServiceEndpoints(ListenAddress.Parse("replay.listen", grpc), ListenAddress.Parse("replay.health_listen", health)));
        return builder.Build();
    }
}
