using Dreamer.Hosting;
using Dreamer.Hosting.Configuration;

namespace Dreamer.Commands;

/// <summary>The settings that a run left in its logdir, also of runs that earlier versions made.</summary>
internal static class RecordedSettings
{
    /// <summary>Reads <c>config.yaml</c>. Settings that are no more are left out with one warning; what they stood for has its default.</summary>
    /// <param name="logdir">Directory of the run; nothing in it is changed.</param>
    /// <param name="overrides">Setting flags that win over the run's own.</param>
    /// <exception cref="UserErrorException">It is no run.</exception>
    public static DreamerConfiguration Read(string logdir, IEnumerable<string> overrides)
    {
        var config = Path.Combine(Path.GetFullPath(logdir), "config.yaml");
        if (!File.Exists(config))
        {
            throw new UserErrorException($"{logdir} holds no config.yaml; name the directory of a run", ExitCode.Usage);
        }

        var retired = new List<string>();
        var configuration = ConfigurationLoader.Load(new ConfigurationRequest(["--settings", config, .. overrides]) { Retired = retired.Add });
        if (retired.Count > 0)
        {
            Console.Error.WriteLine($"warning: {logdir} was made with settings that are no more, and goes on without {retired.Count} of them: {string.Join(" ", retired)}");
        }

        return configuration;
    }
}
