using System.Diagnostics;
using System.Reflection;
using k8s;
using k8s.Models;
using YamlDotNet.Serialization;

namespace Dreamer.Deploy.Tests;

/// <summary>The manifests, read by the API's own types: an unknown field or a value of the wrong kind is an error.</summary>
internal static class Manifests
{
    public static readonly string Root = typeof(Manifests).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    public static readonly string Folder = Path.Combine(Root, "deploy", "kubernetes");

    private static readonly Dictionary<string, Type> Types = new()
    {
        ["v1/Namespace"] = typeof(V1Namespace),
        ["v1/Service"] = typeof(V1Service),
        ["v1/Secret"] = typeof(V1Secret),
        ["apps/v1/StatefulSet"] = typeof(V1StatefulSet),
        ["apps/v1/Deployment"] = typeof(V1Deployment),
        ["apps/v1/DaemonSet"] = typeof(V1DaemonSet),
        ["autoscaling/v2/HorizontalPodAutoscaler"] = typeof(V2HorizontalPodAutoscaler),
        ["networking.k8s.io/v1/NetworkPolicy"] = typeof(V1NetworkPolicy),
        ["policy/v1/PodDisruptionBudget"] = typeof(V1PodDisruptionBudget),
    };

    /// <summary>Every document of a file.</summary>
    public static IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Read(string file) => Parse(File.ReadAllText(file));

    public static IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Parse(string yaml) =>
        [.. KubernetesYaml.LoadAllFromString(yaml, Types, strict: true).Cast<IKubernetesObject<V1ObjectMeta>>()];

    /// <summary>Kind and name, by which patches find their target.</summary>
    public static string Id(this IKubernetesObject<V1ObjectMeta> manifest) => $"{manifest.ApiVersion} {manifest.Kind} {manifest.Metadata.Name}";

    /// <summary>A kustomization's fields.</summary>
    public static Dictionary<string, object> Kustomization(string folder) =>
        new DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(File.ReadAllText(Path.Combine(folder, "kustomization.yaml")));

    /// <summary>A field that lists things.</summary>
    public static IEnumerable<T> List<T>(this Dictionary<string, object> kustomization, string field) =>
        kustomization.TryGetValue(field, out var value) ? ((List<object>)value).Cast<T>() : [];

    /// <summary>The secrets that the script makes.</summary>
    public static IReadOnlyList<V1Secret> MakeSecrets()
    {
        using var script = Process.Start(new ProcessStartInfo(Path.Combine(Folder, "make-secrets")) { RedirectStandardOutput = true })!;
        var yaml = script.StandardOutput.ReadToEnd();
        script.WaitForExit();
        Assert.Equal(0, script.ExitCode);
        return [.. Parse(yaml).Cast<V1Secret>()];
    }
}
