using k8s;
using k8s.Models;

namespace Dreamer.Deploy.Tests;

/// <summary>What the kustomizations name is there, and what they patch too.</summary>
public sealed class KustomizationTests
{
    private static readonly string[] Fields =
        ["apiVersion", "kind", "namespace", "labels", "resources", "components", "patches", "images", "configMapGenerator"];

    public static TheoryData<string> Folders => [.. Directory.GetFiles(Manifests.Folder, "kustomization.yaml", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Manifests.Folder, Path.GetDirectoryName(file)!)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Everything_named_is_there_and_everything_there_is_named(string folder)
    {
        var path = Path.Combine(Manifests.Folder, folder);
        var kustomization = Manifests.Kustomization(path);
        Assert.Empty(kustomization.Keys.Except(Fields));
        var files = kustomization.List<string>("resources").Concat(Patches(kustomization)).Concat(Generated(kustomization)).ToArray();
        Assert.All(files.Concat(kustomization.List<string>("components")), file => Assert.True(Path.Exists(Path.Combine(path, file)), file));
        Assert.Equal(
            Directory.GetFiles(path, "*.yaml").Select(file => Path.GetFileName(file)!).Where(file => file != "kustomization.yaml").Order(StringComparer.Ordinal),
            files.Where(file => !file.StartsWith("..", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Patches_have_their_target_and_images_their_user(string folder)
    {
        var path = Path.Combine(Manifests.Folder, folder);
        var kustomization = Manifests.Kustomization(path);
        var targets = Everything().ToDictionary(manifest => manifest.Id());
        foreach (var patch in Patches(kustomization).SelectMany(file => Manifests.Read(Path.Combine(path, file))))
        {
            Assert.True(targets.TryGetValue(patch.Id(), out var target), patch.Id());
            Assert.Empty(Containers(patch).Select(container => container.Name).Except(Containers(target).Select(container => container.Name)));
        }

        var used = Base().SelectMany(Containers).Select(container => container.Image).ToHashSet();
        Assert.All(kustomization.List<Dictionary<object, object>>("images"), image => Assert.Contains((string)image["name"], used));
    }

    [Fact]
    public void The_GPU_overlay_gives_the_learner_a_GPU()
    {
        var patch = Assert.IsType<V1StatefulSet>(Assert.Single(Manifests.Read(Path.Combine(Manifests.Folder, "overlays", "gpu", "learner.yaml"))));
        var container = Assert.Single(patch.Spec.Template.Spec.Containers);
        Assert.Equal("1", container.Resources.Limits["nvidia.com/gpu"].ToString());
        Assert.Contains(container.Env, variable => variable is { Name: "DREAMER__DEVICE", Value: "cuda" });
    }

    [Fact]
    public void The_TLS_components_give_every_pod_its_certificates_and_no_others()
    {
        Dictionary<string, string[]> expected = new()
        {
            ["redis"] = ["server"],
            ["replay"] = ["client", "server"],
            ["learner"] = ["client"],
            ["actor"] = ["client"],
            ["evaluator"] = ["client"],
            ["relay"] = ["client", "server"],
        };
        var pods = PatchesOf("tls").Concat(PatchesOf("relay-tls")).Where(patch => Template(patch)?.Spec.Volumes is not null).ToArray();
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), pods.Select(pod => pod.Metadata.Name).Order(StringComparer.Ordinal));
        foreach (var pod in pods)
        {
            var (spec, container) = (Template(pod)!.Spec, Assert.Single(Template(pod)!.Spec.Containers));
            var secrets = spec.Volumes.Where(volume => volume.Secret is not null).ToArray();
            Assert.Equal(expected[pod.Metadata.Name].Select(name => $"dreamer-tls-{name}"), secrets.Select(volume => volume.Secret.SecretName).Order(StringComparer.Ordinal));
            Assert.All(secrets, volume => Assert.Equal(Convert.ToInt32("440", 8), volume.Secret.DefaultMode));
            Assert.Equal(spec.Volumes.Select(volume => volume.Name).Order(StringComparer.Ordinal), container.VolumeMounts.Select(mount => mount.Name).Order(StringComparer.Ordinal));

            // Every file that is named lies in a secret that is mounted there: dreamer-tls-X has ca.crt, X.crt and X.key.
            var named = (container.Env ?? []).Select(variable => variable.Value).Concat(container.Args ?? []).Where(text => text.StartsWith("/run/tls/", StringComparison.Ordinal)).ToArray();
            Assert.NotEmpty(named);
            Assert.All(named, file =>
            {
                var mount = Assert.Single(container.VolumeMounts, mount => file.StartsWith(mount.MountPath + "/", StringComparison.Ordinal));
                Assert.Equal($"/run/tls/{mount.Name["tls-".Length..]}", mount.MountPath);
                Assert.Contains(Path.GetFileName(file), new[] { "ca.crt", $"{Path.GetFileName(mount.MountPath)}.crt", $"{Path.GetFileName(mount.MountPath)}.key" });
            });
        }

        // What Redis is started with beside TLS is what the base starts it with.
        string[] Arguments(IEnumerable<IKubernetesObject<V1ObjectMeta>> manifests) => [.. Containers(manifests.Single(manifest => manifest is V1StatefulSet { Metadata.Name: "redis" })).Single().Args];
        Assert.Equal(Arguments(Base()), Arguments(pods)[..Arguments(Base()).Length]);
        var probed = Containers(pods.Single(pod => pod.Metadata.Name == "redis")).Single();
        Assert.All(
            [probed.LivenessProbe, probed.ReadinessProbe, probed.StartupProbe],
            probe => Assert.Contains($"redis-cli -s {probed.Args[^1]} ping", probe.Exec.Command[^1]));
    }

    [Theory]
    [InlineData("relay", "http")]
    [InlineData("relay-tls", "https")]
    public void The_relay_components_lead_who_plays_to_the_relay_of_the_node(string component, string scheme)
    {
        var service = Everything().OfType<V1Service>().Single(service => service.Metadata.Name == "relay");
        Assert.Equal("Local", service.Spec.InternalTrafficPolicy);
        var address = $"{scheme}://relay:{Assert.Single(service.Spec.Ports).Port}";
        var players = PatchesOf(component).OfType<V1Deployment>().ToArray();
        Assert.Equal(["actor", "evaluator"], players.Select(player => player.Metadata.Name));
        Assert.All(players, player => Assert.Contains(
            Assert.Single(player.Spec.Template.Spec.Containers).Env, variable => variable.Name == "DREAMER__ACTOR__WEIGHTS_ADDRESS" && variable.Value == address));
    }

    /// <summary>The base, and what components add to it.</summary>
    internal static IEnumerable<IKubernetesObject<V1ObjectMeta>> Everything() => Base().Concat(Resources(Path.Combine("components", "relay")));

    private static IEnumerable<IKubernetesObject<V1ObjectMeta>> Base() => Resources("base");

    private static IEnumerable<IKubernetesObject<V1ObjectMeta>> Resources(string folder)
    {
        var path = Path.Combine(Manifests.Folder, folder);
        return Manifests.Kustomization(path).List<string>("resources").SelectMany(file => Manifests.Read(Path.Combine(path, file)));
    }

    private static IEnumerable<IKubernetesObject<V1ObjectMeta>> PatchesOf(string component)
    {
        var path = Path.Combine(Manifests.Folder, "components", component);
        return Patches(Manifests.Kustomization(path)).SelectMany(file => Manifests.Read(Path.Combine(path, file)));
    }

    internal static IEnumerable<V1Container> Containers(IKubernetesObject<V1ObjectMeta> manifest) => Template(manifest)?.Spec.Containers ?? [];

    internal static V1PodTemplateSpec? Template(IKubernetesObject<V1ObjectMeta> manifest) => manifest switch
    {
        V1StatefulSet set => set.Spec.Template,
        V1Deployment deployment => deployment.Spec.Template,
        V1DaemonSet set => set.Spec.Template,
        _ => null,
    };

    private static IEnumerable<string> Patches(Dictionary<string, object> kustomization) =>
        kustomization.List<Dictionary<object, object>>("patches").Select(patch => (string)patch["path"]);

    private static IEnumerable<string> Generated(Dictionary<string, object> kustomization) =>
        kustomization.List<Dictionary<object, object>>("configMapGenerator")
            .SelectMany(generator => generator.TryGetValue("files", out var files) ? ((List<object>)files).Cast<string>() : []);
}
