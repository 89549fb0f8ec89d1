using System.Text.Json.Serialization;
using Dreamer.Policies.Gaussian;
using Dreamer.Spaces;

namespace Dreamer.Policies.DreamerV1;

/// <summary>The tensors of a DreamerV1 policy blob, shared by the agent that writes and the policy that reads.</summary>
public static class DreamerV1Format
{
    /// <summary>Value of <see cref="PolicyManifest.Agent"/>.</summary>
    public const string Agent = "dreamer_v1";

    /// <summary>Writes and reads blobs.</summary>
    public static PolicyFormat<DreamerV1Sizes> Policy { get; } = new(Agent, DreamerV1SizesContext.Default.DreamerV1Sizes, Tensors);

    /// <summary>Every tensor that a blob for this environment and these sizes holds, in blob order.</summary>
    /// <exception cref="PolicyFormatException">A size or an observation is out of range.</exception>
    public static IReadOnlyList<PolicyTensor> Tensors(EnvironmentSpec environment, DreamerV1Sizes sizes)
    {
        sizes.Validate();
        var (list, nets, action) = (new TensorList(), sizes.Nets, environment.Action);
        nets.AddTensors(list, new ObservationLayout(environment), action.Size, prior: false);
        for (var layer = 0; layer < sizes.ActorLayers; layer++)
        {
            list.Linear($"actor/mlp{layer}", sizes.Units, layer == 0 ? nets.Stoch + nets.Deter : sizes.Units);
        }

        list.Linear("actor/out", Outputs(action), sizes.Units);
        return list.Tensors;
    }

    /// <summary>Raw outputs of the actor: logits, or means and standard deviations.</summary>
    internal static int Outputs(ActionSpec action) => action.Kind == ActionKind.Discrete ? action.Size : 2 * action.Size;
}

/// <summary>Source-generated serialisation: no reflection at an actor's start.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(DreamerV1Sizes))]
internal sealed partial class DreamerV1SizesContext : JsonSerializerContext;
