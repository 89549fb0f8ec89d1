using System.Text.Json.Serialization;
using Dreamer.Policies.Gaussian;
using Dreamer.Spaces;

namespace Dreamer.Policies.DreamerV2;

/// <summary>The tensors of a DreamerV2 policy blob, shared by the agent that writes and the policy that reads.</summary>
public static class DreamerV2Format
{
    /// <summary>Value of <see cref="PolicyManifest.Agent"/>.</summary>
    public const string Agent = "dreamer_v2";

    private const int ImageSize = 64;

    /// <summary>Writes and reads blobs.</summary>
    public static PolicyFormat<DreamerV2Sizes> Policy { get; } = new(Agent, DreamerV2SizesContext.Default.DreamerV2Sizes, Tensors);

    /// <summary>Every tensor that a blob for this environment and these sizes holds, in blob order.</summary>
    /// <exception cref="PolicyFormatException">A size or an observation is out of range.</exception>
    public static IReadOnlyList<PolicyTensor> Tensors(EnvironmentSpec environment, DreamerV2Sizes sizes)
    {
        sizes.Validate();
        var (list, layout, norm) = (new TensorList(), new ObservationLayout(environment), sizes.LayerNorm);
        for (var layer = 0; layer < sizes.VectorLayers && layout.VectorSize > 0; layer++)
        {
            list.Hidden($"enc/mlp{layer}", norm, sizes.VectorUnits, layer == 0 ? layout.VectorSize : sizes.VectorUnits);
        }

        if (layout.Channels > 0 && (layout.Height, layout.ImageWidth) != (ImageSize, ImageSize))
        {
            throw new PolicyFormatException($"images of {layout.Height}x{layout.ImageWidth} pixels do not fit these networks: set env.size to {ImageSize}.");
        }

        for (var (stage, inputs) = (0, layout.Channels); stage < StridedEncoder.Stages && layout.Channels > 0; stage++)
        {
            list.Hidden($"enc/conv{stage}", norm, sizes.Depth << stage, inputs, StridedEncoder.Kernel, StridedEncoder.Kernel);
            inputs = sizes.Depth << stage;
        }

        list.Hidden("rssm/input", norm, sizes.Hidden, sizes.StochWidth + environment.Action.Size);
        list.Hidden("rssm/gru/gates", norm: true, 3 * sizes.Deter, sizes.Hidden + sizes.Deter);
        list.Hidden("rssm/post", norm, sizes.Hidden, checked(sizes.Deter + Tokens(layout, sizes)));
        list.Linear("rssm/post_state", sizes.StochParameters, sizes.Hidden);
        foreach (var actor in sizes.HasExplorer ? ["actor", "explorer"] : new[] { "actor" })
        {
            for (var layer = 0; layer < sizes.ActorLayers; layer++)
            {
                list.Hidden($"{actor}/mlp{layer}", norm, sizes.Units, layer == 0 ? sizes.StochWidth + sizes.Deter : sizes.Units);
            }

            list.Linear($"{actor}/out", Outputs(environment.Action), sizes.Units);
        }

        return list.Tensors;
    }

    /// <summary>E, width of what the encoder gives the posterior.</summary>
    internal static int Tokens(ObservationLayout layout, DreamerV2Sizes sizes) =>
        (layout.VectorSize > 0 ? sizes.VectorUnits : 0) + (layout.Channels > 0 ? StridedEncoder.Outputs(sizes.Depth) : 0);

    /// <summary>Raw outputs of an actor: logits, or means and standard deviations.</summary>
    internal static int Outputs(ActionSpec action) => action.Kind == ActionKind.Discrete ? action.Size : 2 * action.Size;

    private static void Hidden(this TensorList list, string name, bool norm, int outputs, params int[] inputs)
    {
        list.Linear(name, outputs, inputs);
        if (norm)
        {
            list.Add($"{name}/norm/scale", outputs);
            list.Add($"{name}/norm/offset", outputs);
        }
    }
}

/// <summary>Source-generated serialisation: no reflection at an actor's start.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(DreamerV2Sizes))]
internal sealed partial class DreamerV2SizesContext : JsonSerializerContext;
