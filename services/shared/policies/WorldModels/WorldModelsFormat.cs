using System.Text.Json.Serialization;
using Dreamer.Policies.Gaussian;
using Dreamer.Spaces;

namespace Dreamer.Policies.WorldModels;

/// <summary>The tensors of a World Models policy blob, shared by the agent that writes and the policy that reads.</summary>
public static class WorldModelsFormat
{
    /// <summary>Value of <see cref="PolicyManifest.Agent"/>.</summary>
    public const string Agent = "world_models";

    /// <summary>
    /// Name of the controllers [2, 1 + N, P]: the mean, then the candidates; each number is the sum of its two halves, since bfloat16
    /// alone would round the differences within a population away.
    /// </summary>
    public const string Controllers = "controllers";

    private const int ImageSize = 64;

    /// <summary>Writes and reads blobs.</summary>
    public static PolicyFormat<WorldModelsSizes> Policy { get; } = new(Agent, WorldModelsSizesContext.Default.WorldModelsSizes, Tensors);

    /// <summary>Every tensor that a blob for this environment and these sizes holds, in blob order.</summary>
    /// <exception cref="PolicyFormatException">A size, an observation or the action space is out of range.</exception>
    public static IReadOnlyList<PolicyTensor> Tensors(EnvironmentSpec environment, WorldModelsSizes sizes)
    {
        sizes.Validate();
        var (list, layout, action) = (new TensorList(), new ObservationLayout(environment), environment.Action);
        if (layout.VectorSize > 0 || (layout.Height, layout.ImageWidth) != (ImageSize, ImageSize))
        {
            throw new PolicyFormatException($"World Models sees images of {ImageSize}x{ImageSize} pixels and nothing else: set env.observation to image and env.size to {ImageSize}.");
        }

        if (action.Kind == ActionKind.Continuous && sizes.OneSided > action.Size)
        {
            throw new PolicyFormatException($"one_sided is {sizes.OneSided}, and the action has only {action.Size} elements.");
        }

        for (var (stage, inputs) = (0, layout.Channels); stage < StridedEncoder.Stages; stage++)
        {
            list.Linear($"enc/conv{stage}", sizes.Depth << stage, inputs, StridedEncoder.Kernel, StridedEncoder.Kernel);
            inputs = sizes.Depth << stage;
        }

        list.Linear("enc/mean", sizes.Latent, StridedEncoder.Outputs(sizes.Depth));
        list.Linear("enc/log_variance", sizes.Latent, StridedEncoder.Outputs(sizes.Depth));
        list.Linear("rnn/lstm", checked(4 * sizes.Units), sizes.MemoryInputs(action) + sizes.Units);
        list.Add(Controllers, 2, 1 + sizes.Candidates, sizes.ControllerParameters(action));
        return list.Tensors;
    }
}

/// <summary>Source-generated serialisation: no reflection at an actor's start.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(WorldModelsSizes))]
internal sealed partial class WorldModelsSizesContext : JsonSerializerContext;
