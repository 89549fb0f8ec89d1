using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Programs;

namespace Dreamer.Hosting.Tests;

public sealed class ServiceProgramTests
{
    [Theory]
    [InlineData("0.0.0.0:7401", "http://127.0.0.1:7401/ready")]
    [InlineData("*:7401", "http://127.0.0.1:7401/ready")]
    [InlineData("[::]:7401", "http://[::1]:7401/ready")]
    [InlineData("10.1.2.3:80", "http://10.1.2.3:80/ready")]
    public void A_health_check_asks_where_the_service_listens(string listen, string url) =>
        Assert.Equal(url, ServiceProgram.ReadyUrl(Load(listen), "replay.health_listen"));

    [Fact]
    public void Without_a_health_address_a_health_check_names_the_setting()
    {
        var error = Assert.Throws<ConfigurationException>(() => ServiceProgram.ReadyUrl(Load(""), "replay.health_listen"));
        Assert.Contains("replay.health_listen", error.Message);
    }

    private static DreamerConfiguration Load(string listen) =>
        ConfigurationLoader.Load(new ConfigurationRequest(["--replay.health_listen", listen]) { Environment = new Dictionary<string, string>() });
}
