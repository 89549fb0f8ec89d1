using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Edge;

namespace Dreamer.Hosting.Programs;

/// <summary>The program of a service's image: serves with the settings that follow as flags, or <c>healthcheck</c> asks the one that runs.</summary>
public static class ServiceProgram
{
    /// <param name="arguments">Setting flags, after the word <c>healthcheck</c> where the container's state is asked for.</param>
    /// <param name="healthListen">Key of the setting with the health address, e.g. <c>replay.health_listen</c>.</param>
    /// <param name="serve">Runs the service; returns its exit code.</param>
    public static Task<int> RunAsync(string[] arguments, string healthListen, Func<DreamerConfiguration, CancellationToken, Task<int>> serve) =>
        ProgramRunner.RunAsync(cancellation => arguments is ["healthcheck", .. var flags]
            ? HealthProbe.RunAsync(ReadyUrl(Load(flags), healthListen), Console.Error, cancellation: cancellation)
            : serve(Load(arguments), cancellation));

    /// <summary>Where this machine reaches <c>/ready</c>: a service that listens on every address listens on the loopback too.</summary>
    /// <exception cref="ConfigurationException">The service has no health address.</exception>
    internal static string ReadyUrl(DreamerConfiguration configuration, string healthListen)
    {
        var address = ListenAddress.Parse(healthListen, configuration[healthListen])
            ?? throw new ConfigurationException($"{healthListen} is empty: write IP:PORT, so that there is something to ask.");
        return $"http://{address with { Host = address.Host is "*" or "0.0.0.0" ? "127.0.0.1" : address.Host is "::" ? "::1" : address.Host }}/ready";
    }

    private static DreamerConfiguration Load(string[] flags) => ConfigurationLoader.Load(new ConfigurationRequest(flags));
}
