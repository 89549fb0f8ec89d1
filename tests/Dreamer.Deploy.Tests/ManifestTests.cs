using k8s;
using k8s.Models;

namespace Dreamer.Deploy.Tests;

/// <summary>The parts fit together: selectors, ports, volumes, secrets; and every pod is locked down, watched and ends cleanly.</summary>
public sealed class ManifestTests
{
    private static readonly IKubernetesObject<V1ObjectMeta>[] All = [.. KustomizationTests.Everything()];

    private static readonly (string Name, V1PodTemplateSpec Template)[] Pods =
        [.. All.Where(manifest => KustomizationTests.Template(manifest) is not null).Select(manifest => (manifest.Metadata.Name, KustomizationTests.Template(manifest)!))];

    public static TheoryData<string> Workloads => [.. Pods.Select(pod => pod.Name)];

    [Fact]
    public void Unknown_fields_and_wrong_values_would_be_found()
    {
        const string service = "apiVersion: v1\nkind: Service\nmetadata: { name: x }\nspec:\n  ";
        Assert.Single(Manifests.Parse(service + "clusterIP: None"));
        Assert.ThrowsAny<Exception>(() => Manifests.Parse(service + "clusterIp: None"));
        Assert.ThrowsAny<Exception>(() => Manifests.Parse(service + "ports: [{ port: many }]"));
    }

    [Fact]
    public void All_services_of_the_topology_are_there()
    {
        Assert.Equal(["actor", "evaluator", "learner", "redis", "relay", "replay"], Pods.Select(pod => pod.Name).Order(StringComparer.Ordinal));
        Assert.Equal(["learner", "redis", "replay"], All.OfType<V1StatefulSet>().Select(set => set.Metadata.Name).Order(StringComparer.Ordinal));
        Assert.All(All.OfType<V1StatefulSet>(), set => Assert.Contains(All.OfType<V1Service>(), service => service.Metadata.Name == set.Spec.ServiceName));
        Assert.Equal(1, All.OfType<V1StatefulSet>().Single(set => set.Metadata.Name == "replay").Spec.Replicas);
    }

    [Theory]
    [MemberData(nameof(Workloads))]
    public void A_pod_runs_without_rights(string name)
    {
        var pod = Pod(name).Spec;
        Assert.False(pod.AutomountServiceAccountToken);
        Assert.True(pod.SecurityContext.RunAsNonRoot);
        Assert.True(pod.SecurityContext.RunAsUser > 0);
        Assert.Equal("RuntimeDefault", pod.SecurityContext.SeccompProfile.Type);
        var container = Assert.Single(pod.Containers);
        Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
        Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
        Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
        Assert.True(container.Resources.Limits.ContainsKey("memory"));
        Assert.True(container.Resources.Requests.ContainsKey("cpu"));
    }

    [Theory]
    [MemberData(nameof(Workloads))]
    public void A_pod_is_probed_and_has_time_to_end(string name)
    {
        var pod = Pod(name).Spec;
        var container = Assert.Single(pod.Containers);
        if (name == "redis")
        {
            Assert.All([container.LivenessProbe, container.ReadinessProbe, container.StartupProbe], probe => Assert.Contains("redis-cli ping", probe.Exec.Command[^1]));
        }
        else
        {
            Assert.Equal("/alive", container.LivenessProbe.HttpGet.Path);
            Assert.Equal("/ready", container.ReadinessProbe.HttpGet.Path);
            Assert.All([container.LivenessProbe, container.ReadinessProbe], probe => Assert.Contains(container.Ports, port => port.Name == (string)probe.HttpGet.Port));
            Assert.Equal("7401", Pod(name).Metadata.Annotations["prometheus.io/port"]);
        }

        Assert.True(pod.TerminationGracePeriodSeconds >= (name == "learner" ? 300 : 10));
    }

    [Theory]
    [MemberData(nameof(Workloads))]
    public void Volumes_and_secrets_exist(string name)
    {
        var pod = Pod(name).Spec;
        var claims = All.OfType<V1StatefulSet>().SingleOrDefault(set => set.Metadata.Name == name)?.Spec.VolumeClaimTemplates ?? [];
        var volumes = (pod.Volumes ?? []).Select(volume => volume.Name).Concat(claims.Select(claim => claim.Metadata.Name)).ToArray();
        Assert.Equal(volumes.Order(StringComparer.Ordinal), Assert.Single(pod.Containers).VolumeMounts.Select(mount => mount.Name).Order(StringComparer.Ordinal));

        var secrets = Manifests.MakeSecrets().ToDictionary(secret => secret.Metadata.Name);
        foreach (var volume in pod.Volumes!.Where(volume => volume.Secret is not null))
        {
            Assert.Contains(volume.Secret.SecretName, secrets.Keys);
            Assert.All(volume.Secret.Items ?? [], item => Assert.Contains(item.Key, secrets[volume.Secret.SecretName].StringData.Keys));
            Assert.Equal(Convert.ToInt32("440", 8), volume.Secret.DefaultMode);
        }

        Assert.All(pod.Volumes!.Where(volume => volume.ConfigMap is not null), volume => Assert.Equal("dreamer", volume.ConfigMap.Name));
    }

    [Fact]
    public void Each_role_sees_its_own_secrets_only()
    {
        Dictionary<string, string[]> expected = new()
        {
            ["redis"] = ["dreamer-redis"],
            ["replay"] = ["dreamer-actor", "dreamer-learner", "dreamer-operator", "dreamer-redis"],
            ["learner"] = ["dreamer-learner", "dreamer-redis-learner"],
            ["actor"] = ["dreamer-actor"],
            ["evaluator"] = ["dreamer-actor"],
            ["relay"] = ["dreamer-actor"],
        };
        Assert.All(Pods, pod => Assert.Equal(
            expected[pod.Name],
            pod.Template.Spec.Volumes.Where(volume => volume.Secret is not null).Select(volume => volume.Secret.SecretName).Order(StringComparer.Ordinal)));
        var tokens = Manifests.MakeSecrets().SelectMany(secret => secret.StringData.Values).ToArray();
        Assert.Equal(tokens.Length, tokens.Distinct().Count());
    }

    [Fact]
    public void Selectors_find_pods_and_ports()
    {
        foreach (var service in All.OfType<V1Service>())
        {
            var pod = Assert.Single(Pods, pod => Matches(service.Spec.Selector, pod.Template));
            Assert.All(service.Spec.Ports, port => Assert.Contains(pod.Template.Spec.Containers[0].Ports, open => open.Name == (string)port.TargetPort));
        }

        foreach (var (selector, template) in All.OfType<V1StatefulSet>().Select(set => (set.Spec.Selector, set.Spec.Template))
            .Concat(All.OfType<V1Deployment>().Select(deployment => (deployment.Spec.Selector, deployment.Spec.Template)))
            .Concat(All.OfType<V1DaemonSet>().Select(set => (set.Spec.Selector, set.Spec.Template))))
        {
            Assert.True(Matches(selector.MatchLabels, template));
        }

        Assert.All(All.OfType<V1PodDisruptionBudget>(), budget => Assert.Single(Pods, pod => Matches(budget.Spec.Selector.MatchLabels, pod.Template)));
        Assert.Equal(["actor", "learner", "redis", "replay"], All.OfType<V1PodDisruptionBudget>().Select(budget => budget.Metadata.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_network_is_closed_but_for_the_ways_that_data_takes()
    {
        var policies = All.OfType<V1NetworkPolicy>().ToArray();
        var nobody = policies.Single(policy => policy.Metadata.Name == "nobody").Spec;
        Assert.Equal(["Ingress", "Egress"], nobody.PolicyTypes);
        Assert.Empty(nobody.PodSelector.MatchLabels ?? new Dictionary<string, string>());
        Assert.Null(nobody.Ingress);
        Assert.Null(nobody.Egress);

        Assert.Equal(["learner", "replay"], Sources("redis"));
        Assert.Equal(["actor", "evaluator", "learner"], Sources("replay"));
        Assert.Equal(["relay"], Sources("replay-to-relay"));
        Assert.Equal(["actor", "evaluator"], Sources("relay"));
        var labels = policies.SelectMany(policy => (policy.Spec.Ingress ?? []).SelectMany(rule => rule.FromProperty ?? [])
            .Concat((policy.Spec.Egress ?? []).SelectMany(rule => rule.To ?? [])))
            .Select(peer => peer.PodSelector).Where(selector => selector is not null);
        Assert.All(labels, selector => Assert.All(Names(selector), name => Assert.Contains(Pods, pod => pod.Name == name)));

        string[] Sources(string name) =>
            [.. policies.Single(policy => policy.Metadata.Name == name).Spec.Ingress.SelectMany(rule => rule.FromProperty).Where(peer => peer.PodSelector is not null)
                .SelectMany(peer => Names(peer.PodSelector)).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public void Actors_scale_by_a_metric_that_the_adapter_makes_and_have_no_number_of_their_own()
    {
        var scaler = Assert.Single(All.OfType<V2HorizontalPodAutoscaler>()).Spec;
        var actors = All.OfType<V1Deployment>().Single(deployment => deployment.Metadata.Name == scaler.ScaleTargetRef.Name);
        Assert.Null(actors.Spec.Replicas);
        Assert.True(scaler.MinReplicas < scaler.MaxReplicas);
        var metric = Assert.Single(scaler.Metrics).External;
        var adapter = File.ReadAllText(Path.Combine(Manifests.Folder, "prometheus-adapter.yaml"));
        Assert.Contains($"as: {metric.Metric.Name}", adapter);
    }

    private static V1PodTemplateSpec Pod(string name) => Pods.Single(pod => pod.Name == name).Template;

    private static bool Matches(IDictionary<string, string> selector, V1PodTemplateSpec template) =>
        selector.All(label => template.Metadata.Labels.TryGetValue(label.Key, out var value) && value == label.Value);

    private static IEnumerable<string> Names(V1LabelSelector selector) =>
        (selector.MatchLabels?.Values ?? []).Concat((selector.MatchExpressions ?? []).SelectMany(expression => expression.Values));
}
