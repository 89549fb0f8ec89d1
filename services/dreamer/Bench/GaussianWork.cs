using Dreamer.Agents.DreamerV1;
using Dreamer.Agents.DreamerV2;
using Dreamer.Agents.Nets;
using Dreamer.Agents.PlaNet;
using Dreamer.Agents.WorldModels;
using Dreamer.Spaces;

namespace Dreamer.Bench;

/// <summary>
/// The same as <see cref="LearnerWork"/> for the agents before V3: two operations per weight, row and pass, with images of 64 x 64 in
/// convolutions of stride 2.
/// </summary>
internal static class GaussianWork
{
    // Side of the map that each stage's weights are used on: the output of a convolution, the input of a transposed one.
    private static readonly int[] EncoderSides = [31, 14, 6, 2];
    private static readonly int[] DecoderSides = [1, 5, 13, 30];

    /// <summary>Operations of one update of PlaNet: the world model forward and backward.</summary>
    public static double Operations(PlaNetOptions options, EnvironmentSpec spec) =>
        2 * Sum(new PlaNetModel(options, spec).Parameters, options.BatchSize * options.BatchLength, dreamt: 0);

    /// <summary>Operations of one update of Dreamer (2019), dreams from every step and without predicted ends.</summary>
    public static double Operations(DreamerV1Options options, EnvironmentSpec spec)
    {
        var model = new DreamerV1Model(options, spec);
        double replayed = options.BatchSize * options.BatchLength;
        var dreamt = replayed * options.ImaginationHorizon;

        // The value is asked once for the returns, whose gradient passes through it, and once for its own loss.
        return 2 * (Sum(model.World, replayed, dreamt)
            + Weights(model.Behaviour).Sum(weight => weight.Count * dreamt * Passes(weight))
            + Weights(model.Critic).Sum(weight => weight.Count * ((dreamt * 2) + ((dreamt - replayed) * Passes(weight)))));
    }

    /// <summary>Operations of one update of DreamerV2 on continuous actions, dreams from every step and without predicted ends.</summary>
    public static double Operations(DreamerV2Options options, EnvironmentSpec spec)
    {
        var model = new DreamerV2Model(options, spec);
        double replayed = options.BatchSize * options.BatchLength;
        var (horizon, dreamt) = (options.ImaginationHorizon, replayed * options.ImaginationHorizon);

        // The slow critic is asked at every state, the gradient passing through it; the actor acts, and is asked once more for its entropy.
        return 2 * (Sum(model.World, replayed, dreamt)
            + Weights(model.Task.ActorSet).Sum(weight => weight.Count * (dreamt + (replayed * (horizon - 1))) * Passes(weight))
            + Weights(model.Task.ValueSet).Sum(weight => weight.Count * (((dreamt + replayed) * 2) + (dreamt * Passes(weight)))));
    }

    /// <summary>Operations of one step of World Models' V.</summary>
    public static double Operations(WorldModelsOptions options, EnvironmentSpec spec) =>
        2 * Sum(new Vision(new ObservationLayout(spec), options).Parameters, options.VisionBatch, dreamt: 0);

    // The gradient passes through the dreams of the frozen model into actions: forward and input gradient.
    private static double Sum(ParameterSet world, double replayed, double dreamt) => Weights(world).Sum(weight => weight.Count * (weight.Module switch
    {
        "enc" => replayed * (weight.Name.Contains("conv0/", StringComparison.Ordinal) ? 2 : 3) * Positions(weight, EncoderSides),
        "dec" => replayed * 3 * Positions(weight, DecoderSides),
        "rssm" when weight.Name.StartsWith("rssm/post", StringComparison.Ordinal) => replayed * 3,
        "rssm" or "rew" => (replayed * 3) + (dreamt * 2),
        _ => throw new InvalidOperationException($"{weight.Name} belongs to no module that is counted"),
    }));

    // The first layer's input, a dream held still, needs no gradient.
    private static int Passes(Parameter weight) => weight.Name.Contains("mlp0/", StringComparison.Ordinal) ? 2 : 3;

    private static double Positions(Parameter weight, int[] sides) =>
        weight.Shape.Length == 4 && sides[weight.Name[weight.Name.IndexOf("conv", StringComparison.Ordinal) + 4] - '0'] is var side ? side * side : 1;

    private static IEnumerable<Parameter> Weights(ParameterSet set) =>
        set.Parameters.Where(parameter => parameter.Name.EndsWith("/weight", StringComparison.Ordinal));
}
