using Dreamer.Agents.DreamerV3;
using Dreamer.Agents.Nets;
using Dreamer.Spaces;

namespace Dreamer.Bench;

/// <summary>
/// Floating-point operations of the matrix products and convolutions in one update of DreamerV3, every network taken as
/// dense: two per weight, row and pass, the passes being forward, weight gradient and input gradient. Products that the
/// gradient does not need are left out, and so is everything that is done twice to save memory.
/// </summary>
internal static class LearnerWork
{
    /// <summary>Operations of one update.</summary>
    public static double Operations(DreamerV3Options options, EnvironmentSpec spec)
    {
        var starts = options.ImaginedStarts == 0 ? options.BatchLength : Math.Min(options.ImaginedStarts, options.BatchLength);
        double replayed = options.BatchSize * options.BatchLength;
        double dreams = options.BatchSize * starts;
        var dreamt = dreams * options.ImaginationHorizon;
        return 2 * new DreamerV3Model(options, spec).Parameters.Parameters
            .Where(parameter => parameter.Name.EndsWith("/weight", StringComparison.Ordinal))
            .Sum(parameter => parameter.Count * Positions(parameter) * Rows(parameter));

        double Rows(Parameter parameter)
        {
            // The first layer has no input gradient where its input is an observation or a dream.
            var first = parameter.Name.Contains("mlp0/", StringComparison.Ordinal) || parameter.Name.Contains("enc/conv0/", StringComparison.Ordinal);
            return parameter.Module switch
            {
                "enc" => replayed * (first ? 2 : 3),
                "dyn" when parameter.Name.StartsWith("dyn/post", StringComparison.Ordinal) => replayed * 3,
                "dyn" => (replayed * 3) + dreamt,
                "dec" => replayed * 3,
                "rew" or "con" => (replayed * 3) + dreamt + dreams,
                "pol" => dreamt * (first ? 2 : 3),

                // The value and its slow copy on dreams, and the value on replayed steps.
                "val" => (2 * (dreamt + dreams)) + (dreamt * (first ? 1 : 2)) + (3 * options.BatchSize * (starts - 1)),
                _ => throw new InvalidOperationException($"{parameter.Name} belongs to no module that is counted"),
            };
        }

        // A convolution's weights are used at every pixel of its output; the maps halve per stage of the encoder and double per stage of the decoder.
        double Positions(Parameter parameter)
        {
            if (parameter.Shape.Length != 4)
            {
                return 1;
            }

            var size = spec.Observations.First(tensor => tensor.IsImage).Shape[0];
            var stage = parameter.Name.IndexOf("conv", StringComparison.Ordinal) is var at and > 0 ? parameter.Name[at + 4] - '0' : 3;
            var side = size >> (parameter.Module == "enc" ? stage : 3 - stage);
            return side * side;
        }
    }
}
