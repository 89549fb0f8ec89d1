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
        Assert.All(files, file => Assert.True(Path.Exists(Path.Combine(path, file)), file));
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
        var targets = Base().ToDictionary(manifest => manifest.Id());
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

    internal static IEnumerable<IKubernetesObject<V1ObjectMeta>> Base()
    {
        var path = Path.Combine(Manifests.Folder, "base");
        return Manifests.Kustomization(path).List<string>("resources").SelectMany(file => Manifests.Read(Path.Combine(path, file)));
    }

    internal static IEnumerable<V1Container> Containers(IKubernetesObject<V1ObjectMeta> manifest) => Template(manifest)?.Spec.Containers ?? [];

    internal static V1PodTemplateSpec? Template(IKubernetesObject<V1ObjectMeta> manifest) => manifest switch
    {
        V1StatefulSet set => set.Spec.Template,
        V1Deployment deployment => deployment.Spec.Template,
        _ => null,
    };

    private static IEnumerable<string> Patches(Dictionary<string, object> kustomization) =>
        kustomization.List<Dictionary<object, object>>("patches").Select(patch => (string)patch["path"]);

    private static IEnumerable<string> Generated(Dictionary<string, object> kustomization) =>
        kustomization.List<Dictionary<object, object>>("configMapGenerator")
            .SelectMany(generator => generator.TryGetValue("files", out var files) ? ((List<object>)files).Cast<string>() : []);
}
