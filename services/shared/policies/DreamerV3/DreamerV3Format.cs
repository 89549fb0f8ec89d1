using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Dreamer.Spaces;

namespace Dreamer.Policies.DreamerV3;

/// <summary>The tensors of a DreamerV3 policy blob: names, shapes and order, shared by the agent that writes and the policy that reads.</summary>
public static class DreamerV3Format
{
    /// <summary>Value of <see cref="PolicyManifest.Agent"/>.</summary>
    public const string Agent = "dreamer_v3";

    /// <summary>Writes and reads blobs.</summary>
    public static PolicyFormat<DreamerV3Sizes> Policy { get; } = new(Agent, DreamerV3SizesContext.Default.DreamerV3Sizes, Tensors);

    /// <summary>Channels of each convolution in units of the depth.</summary>
    public static ImmutableArray<int> StageMultipliers { get; } = [2, 3, 4, 4];

    /// <summary>Extent of the convolutions' kernels.</summary>
    public const int Kernel = 5;

    /// <summary>Every tensor that a blob for this environment and these sizes holds, in blob order.</summary>
    /// <exception cref="PolicyFormatException">A size or an observation is out of range.</exception>
    public static IReadOnlyList<PolicyTensor> Tensors(EnvironmentSpec environment, DreamerV3Sizes sizes)
    {
        sizes.Validate();
        var layout = new ObservationLayout(environment);
        var list = new TensorList();
        for (var layer = 0; layer < sizes.EncoderLayers && layout.VectorSize > 0; layer++)
        {
            list.Hidden($"enc/mlp{layer}", sizes.Units, layer == 0 ? layout.VectorSize : sizes.Units);
        }

        for (var stage = 0; stage < StageMultipliers.Length && layout.Channels > 0; stage++)
        {
            var inputs = stage == 0 ? layout.Channels : sizes.Depth * StageMultipliers[stage - 1];
            list.Hidden($"enc/conv{stage}", sizes.Depth * StageMultipliers[stage], inputs, Kernel, Kernel);
        }

        AddDynamics(list, environment, sizes, TokenSize(layout, sizes));
        AddPolicy(list, environment, sizes);
        return list.Tensors;
    }

    /// <summary>E, width of what the encoder gives the posterior.</summary>
    internal static int TokenSize(ObservationLayout layout, DreamerV3Sizes sizes)
    {
        var image = (long)(layout.Height / 16) * (layout.ImageWidth / 16) * sizes.Depth * StageMultipliers[^1];
        return checked((int)image + (layout.VectorSize > 0 ? sizes.Units : 0));
    }

    private static void AddDynamics(TensorList list, EnvironmentSpec environment, DreamerV3Sizes sizes, int tokens)
    {
        var (block, stoch) = (sizes.Deter / sizes.Blocks, sizes.Stoch * sizes.Classes);
        list.Hidden("dyn/deter", sizes.Hidden, sizes.Deter);
        list.Hidden("dyn/stoch", sizes.Hidden, stoch);
        list.Hidden("dyn/action", sizes.Hidden, environment.Action.Size);
        list.Add("dyn/hid0/weight", sizes.Blocks, block + 3 * sizes.Hidden, block);
        list.Add("dyn/hid0/bias", sizes.Deter);
        list.Add("dyn/hid0/norm", sizes.Deter);
        list.Add("dyn/gru/weight", sizes.Blocks, block, 3 * block);
        list.Add("dyn/gru/bias", 3 * sizes.Deter);
        list.Hidden("dyn/post0", sizes.Hidden, checked(sizes.Deter + tokens));
        list.Linear("dyn/postlogit", stoch, sizes.Hidden);
    }

    private static void AddPolicy(TensorList list, EnvironmentSpec environment, DreamerV3Sizes sizes)
    {
        for (var layer = 0; layer < sizes.PolicyLayers; layer++)
        {
            list.Hidden($"pol/mlp{layer}", sizes.Units, layer == 0 ? sizes.Deter + sizes.Stoch * sizes.Classes : sizes.Units);
        }

        foreach (var head in environment.Action.Kind == ActionKind.Discrete ? ["logit"] : new[] { "mean", "std" })
        {
            list.Linear($"pol/{head}", environment.Action.Size, sizes.Units);
        }
    }

    private static void Hidden(this TensorList list, string name, int outputs, params int[] inputs)
    {
        list.Linear(name, outputs, inputs);
        list.Add($"{name}/norm", outputs);
    }
}

/// <summary>Source-generated serialisation: no reflection at an actor's start.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(DreamerV3Sizes))]
internal sealed partial class DreamerV3SizesContext : JsonSerializerContext;
