using System.Text.Json;
using System.Text.Json.Serialization;
using Dreamer.Spaces;

namespace Dreamer.Policies;

/// <summary>Describes the weights in a <see cref="PolicyBlob"/>; UTF-8 JSON with snake_case names on the wire.</summary>
public sealed record PolicyManifest
{
    /// <summary>The format this build writes and reads.</summary>
    public const int CurrentFormat = 1;

    private const int LargestManifest = 1 << 20;

    /// <summary>Kind of agent, e.g. <c>dreamer_v3</c>.</summary>
    public required string Agent { get; init; }

    /// <summary>Version of this description and of the tensor list that goes with it.</summary>
    public required int Format { get; init; }

    /// <summary>Observation tensors in the text form of <see cref="TensorSpec"/>.</summary>
    public required string[] Observations { get; init; }

    /// <summary>Action space in the text form of <see cref="ActionSpec"/>.</summary>
    public required string Action { get; init; }

    /// <summary>Sizes of the network and whatever else the policy of that agent has to know: an object of the agent's own.</summary>
    public required JsonElement Sizes { get; init; }

    /// <summary>Every tensor in the order of the blob.</summary>
    public required PolicyTensor[] Tensors { get; init; }

    /// <summary>The environment that the policy was trained for.</summary>
    /// <exception cref="PolicyFormatException">A text is malformed.</exception>
    public EnvironmentSpec ParseEnvironment()
    {
        try
        {
            return new EnvironmentSpec(ActionSpec.Parse(Action), [.. Observations.Select(text => TensorSpec.Parse(text ?? ""))]);
        }
        catch (FormatException malformed)
        {
            throw new PolicyFormatException($"the policy manifest names a space that cannot be read: {malformed.Message}");
        }
    }

    /// <summary>UTF-8 JSON.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, PolicyManifestContext.Default.PolicyManifest);

    /// <summary>Reads a manifest and checks its kind and format; nothing else is trusted yet.</summary>
    /// <exception cref="PolicyFormatException">Not a manifest, or one of another format.</exception>
    public static PolicyManifest Parse(ReadOnlySpan<byte> json)
    {
        if (json.Length > LargestManifest)
        {
            throw new PolicyFormatException($"the policy manifest has {json.Length} bytes; at most {LargestManifest} are read.");
        }

        PolicyManifest? manifest;
        try
        {
            manifest = JsonSerializer.Deserialize(json, PolicyManifestContext.Default.PolicyManifest);
        }
        catch (JsonException malformed)
        {
            throw new PolicyFormatException($"the policy manifest is not readable: {malformed.Message}");
        }

        return manifest switch
        {
            null => throw new PolicyFormatException("the policy manifest is empty."),
            { Format: not CurrentFormat } => throw new PolicyFormatException(
                $"the policy manifest has format {manifest.Format}, this build reads {CurrentFormat}: run learner and actors from the same release."),
            _ => manifest,
        };
    }
}

/// <summary>Source-generated serialisation: no reflection at an actor's start.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(PolicyManifest))]
internal sealed partial class PolicyManifestContext : JsonSerializerContext;
