using System.Text.Json.Serialization;
using Dreamer.Spaces;

namespace Dreamer.Policies.PlaNet;

/// <summary>The tensors of a PlaNet policy blob, shared by the agent that writes and the planner that reads.</summary>
public static class PlaNetFormat
{
    /// <summary>Value of <see cref="PolicyManifest.Agent"/>.</summary>
    public const string Agent = "planet";

    /// <summary>Writes and reads blobs.</summary>
    public static PolicyFormat<PlaNetSizes> Policy { get; } = new(Agent, PlaNetSizesContext.Default.PlaNetSizes, Tensors);

    /// <summary>Every tensor that a blob for this environment and these sizes holds, in blob order.</summary>
    /// <exception cref="PolicyFormatException">A size, an observation or the action space is out of range.</exception>
    public static IReadOnlyList<PolicyTensor> Tensors(EnvironmentSpec environment, PlaNetSizes sizes)
    {
        sizes.Validate();
        if (environment.Action.Kind != ActionKind.Continuous)
        {
            throw new PolicyFormatException($"PlaNet plans continuous actions; this environment takes {environment.Action}.");
        }

        var (list, nets) = (new TensorList(), sizes.Nets);
        nets.AddTensors(list, new ObservationLayout(environment), environment.Action.Size, prior: true);
        for (var layer = 0; layer < sizes.RewardLayers; layer++)
        {
            list.Linear($"rew/mlp{layer}", sizes.Units, layer == 0 ? nets.Stoch + nets.Deter : sizes.Units);
        }

        list.Linear("rew/out", 1, sizes.Units);
        return list.Tensors;
    }
}

/// <summary>Source-generated serialisation: no reflection at an actor's start.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(PlaNetSizes))]
internal sealed partial class PlaNetSizesContext : JsonSerializerContext;
