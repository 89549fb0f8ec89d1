using System.Text;

namespace Dreamer.Local;

/// <summary>The health addresses of the processes of <c>dreamer up</c>, and a Prometheus configuration that scrapes them.</summary>
/// <param name="settings">Setting flags of the user, which win.</param>
internal sealed class PrometheusTargets(IReadOnlyList<string> settings)
{
    private readonly List<(string Role, string Address)> _targets = [];

    /// <summary>Adds a process: a free port of the loopback, unless a flag names its address. Returns its variables.</summary>
    /// <param name="role">replay, learner or actor.</param>
    /// <param name="environment">Its other variables.</param>
    public Dictionary<string, string> Add(string role, IReadOnlyDictionary<string, string> environment)
    {
        var named = settings.SkipWhile(flag => flag != $"--{role}.health_listen").Skip(1).FirstOrDefault();
        var address = named ?? $"127.0.0.1:{LocalPorts.Take()}";
        if (address.Length > 0)
        {
            _targets.Add((role, address));
        }

        return new(environment) { [$"DREAMER__{role.ToUpperInvariant()}__HEALTH_LISTEN"] = address };
    }

    /// <summary>The configuration; alert rules are read from files beside it.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("""
            # Written at each start of ./dreamer up. Alert rules: deploy/observability/prometheus/alerts.yaml, copied beside this file.
            global: { scrape_interval: 5s, evaluation_interval: 15s }
            rule_files: ["alerts*.yaml"]
            scrape_configs:

            """);
        foreach (var role in _targets.GroupBy(target => target.Role, target => target.Address))
        {
            text.Append($"  - {{ job_name: dreamer-{role.Key}, static_configs: [{{ targets: [{string.Join(", ", role.Select(address => $"\"{address}\""))}] }}] }}\n");
        }

        return text.ToString();
    }
}
