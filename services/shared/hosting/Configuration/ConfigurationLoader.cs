using System.Text.RegularExpressions;
using Dreamer.Environments;
using Dreamer.Spaces;
using YamlDotNet.RepresentationModel;

namespace Dreamer.Hosting.Configuration;

/// <summary>Resolves the layers: defaults, presets, settings file, environment, flags.</summary>
public static partial class ConfigurationLoader
{
    private const string DefaultFile = "dreamer.yaml";
    private const string Prefix = "DREAMER__";

    private static readonly Lazy<YamlMappingNode> Configs = new(ReadConfigs);

    /// <summary>Names that <c>--configs</c> accepts, beside those of environments.</summary>
    public static IReadOnlyList<string> PresetNames =>
        [.. Configs.Value.Children.Keys.Select(key => key.ToString()).Where(name => name != "defaults")];

    /// <summary>Reads all layers; each value is checked against the kind of its default.</summary>
    /// <exception cref="ConfigurationException">An unknown preset or key, a value of the wrong kind, an unreadable file.</exception>
    public static DreamerConfiguration Load(ConfigurationRequest request)
    {
        var flags = SettingFlags.Parse(request.Arguments);
        var tree = new SettingTree(YamlLayer.Flatten((YamlMappingNode)Configs.Value["defaults"]));

        IReadOnlyList<string> presets = [.. request.Presets, .. flags.Presets];
        foreach (var preset in presets)
        {
            foreach (var leaf in YamlLayer.Flatten(Preset(preset)))
            {
                tree.Set(leaf.Key, leaf.Value, $"preset {preset}");
            }
        }

        ApplyFile(tree, request, flags.SettingsFile);
        foreach (var (name, value) in request.Environment.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            if (name.StartsWith(Prefix, StringComparison.Ordinal))
            {
                tree.Set(name[Prefix.Length..].Replace("__", ".").ToLowerInvariant(), value, name);
            }
        }

        foreach (var (key, value) in flags.Overrides)
        {
            tree.SetFlag(key, value, request.CommandFlags);
        }

        tree.Replace("logdir", logdir => Placeholder().Replace(logdir, match => Expand(tree, match.Groups[1].Value)));
        return new DreamerConfiguration(tree.Settings, presets);
    }

    private static YamlMappingNode Preset(string name)
    {
        if (name != "defaults" && Configs.Value.Children.TryGetValue(new YamlScalarNode(name), out var node))
        {
            return (YamlMappingNode)node;
        }

        string[] environments = [.. EnvironmentRegistry.All.Select(info => info.Name)];
        if (environments.Contains(name))
        {
            return new YamlMappingNode("env.name", name);
        }

        var nearest = Suggest.Nearest(name, PresetNames.Concat(environments));
        throw new ConfigurationException(nearest is null
            ? $"--configs: there is no preset '{name}'; choose from {string.Join(", ", PresetNames)}, or name an environment ('dreamer env list')."
            : $"--configs: there is no preset '{name}'; did you mean {nearest}?");
    }

    private static void ApplyFile(SettingTree tree, ConfigurationRequest request, string? chosen)
    {
        var path = Path.Combine(request.WorkingDirectory, chosen ?? DefaultFile);
        if (chosen is null && !File.Exists(path))
        {
            return;
        }

        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"--settings: {chosen ?? DefaultFile} cannot be read: {error.Message}", error);
        }

        var name = chosen ?? DefaultFile;
        if (YamlLayer.Parse(text, name) is { } mapping)
        {
            foreach (var leaf in YamlLayer.Flatten(mapping))
            {
                try
                {
                    tree.Set(leaf.Key, leaf.Value, $"{name}:{leaf.Line}");
                }
                catch (ConfigurationException stale) when (request.Retired is not null)
                {
                    request.Retired(stale.Message);
                }
            }
        }
    }

    private static string Expand(SettingTree tree, string key) =>
        tree.Find(key)?.Value.Replace('/', '_')
        ?? throw new ConfigurationException($"logdir: {{{key}}} names no setting; write e.g. {{env.name}}, {{agent}} or {{seed}}.");

    private static YamlMappingNode ReadConfigs()
    {
        using var stream = typeof(ConfigurationLoader).Assembly.GetManifestResourceStream("configs.yaml")!;
        return YamlLayer.Parse(new StreamReader(stream).ReadToEnd(), "configs.yaml")!;
    }

    [GeneratedRegex(@"\{([a-z0-9_.]+)\}")]
    private static partial Regex Placeholder();
}
