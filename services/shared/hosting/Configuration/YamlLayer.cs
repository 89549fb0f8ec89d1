using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Dreamer.Hosting.Configuration;

/// <summary>Flattens a YAML tree into dotted keys; nested and dotted spellings may be mixed.</summary>
internal static class YamlLayer
{
    public readonly record struct Leaf(string Key, string Value, bool Quoted, long Line);

    /// <summary>The root mapping of a document, null when it is empty.</summary>
    public static YamlMappingNode? Parse(string text, string name)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (Exception error) when (error is YamlException or InvalidOperationException or ArgumentException)
        {
            // The parser has states in which it throws one of the others on malformed text.
            var line = error is YamlException located ? $":{located.Start.Line}" : "";
            throw new ConfigurationException($"{name}{line}: this is not valid YAML: {error.Message}", error);
        }

        return stream.Documents.Count == 0 || stream.Documents[0].RootNode is YamlScalarNode { Value: null or "" }
            ? null
            : stream.Documents[0].RootNode as YamlMappingNode
                ?? throw new ConfigurationException($"{name}: settings are a mapping such as 'seed: 1', this file holds something else.");
    }

    public static IEnumerable<Leaf> Flatten(YamlMappingNode mapping, string prefix = "")
    {
        foreach (var (nameNode, node) in mapping.Children)
        {
            if (nameNode is not YamlScalarNode name || !node.Anchor.IsEmpty || !nameNode.Anchor.IsEmpty)
            {
                throw new ConfigurationException($"line {nameNode.Start.Line} is no setting: settings have plain names, and values are written out, without anchors.");
            }

            var key = prefix + name.Value;
            switch (node)
            {
                case YamlMappingNode nested:
                    foreach (var leaf in Flatten(nested, key + "."))
                    {
                        yield return leaf;
                    }

                    break;
                case YamlSequenceNode list:
                    yield return new Leaf(key, string.Join(',', list.Children.Select(item => (item as YamlScalarNode)?.Value ?? throw new ConfigurationException($"{key}: a list holds plain values only."))), true, node.Start.Line);
                    break;
                case YamlScalarNode scalar:
                    var quoted = scalar.Style is ScalarStyle.DoubleQuoted or ScalarStyle.SingleQuoted;
                    yield return new Leaf(key, !quoted && scalar.Value is "null" or "~" ? "" : scalar.Value ?? "", quoted, node.Start.Line);
                    break;
            }
        }
    }
}
