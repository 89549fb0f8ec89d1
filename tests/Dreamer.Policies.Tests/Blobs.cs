using Dreamer.Policies.DreamerV3;
using Dreamer.Spaces;

namespace Dreamer.Policies.Tests;

/// <summary>Environments, sizes and random weights that the tests share.</summary>
internal static class Blobs
{
    public static DreamerV3Sizes Debug { get; } = new()
    {
        Deter = 8,
        Hidden = 3,
        Stoch = 2,
        Classes = 4,
        Blocks = 4,
        Units = 8,
        Depth = 2,
        EncoderLayers = 1,
        PolicyLayers = 1,
    };

    /// <summary>Nothing is a multiple of a register.</summary>
    public static DreamerV3Sizes Odd { get; } = new()
    {
        Deter = 60,
        Hidden = 23,
        Stoch = 5,
        Classes = 7,
        Blocks = 4,
        Units = 37,
        Depth = 5,
        EncoderLayers = 2,
        PolicyLayers = 2,
    };

    public static DreamerV3Sizes Sizes(string name) => name switch
    {
        "debug" => Debug,
        "odd" => Odd,
        "size1m" => DreamerV3Sizes.Size1M,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };

    public static EnvironmentSpec Environment(string observations, string action) => new(
        ActionSpec.Parse(action),
        observations switch
        {
            "vector" => [new TensorSpec("position", DType.Float32, 5), new TensorSpec("speed", DType.Float32, 2, 3)],
            "categories" => [new TensorSpec("room", DType.Int32, [2], 4), new TensorSpec("speed", DType.Float32, 3), new TensorSpec("ram", DType.UInt8, 4)],
            "image" => [new TensorSpec("image", DType.UInt8, 32, 48, 3)],
            "both" => [new TensorSpec("depth", DType.UInt8, 16, 16, 1), new TensorSpec("image", DType.UInt8, 16, 16, 3), new TensorSpec("vector", DType.Float32, 6)],
            _ => throw new ArgumentOutOfRangeException(nameof(observations), observations, null),
        });

    public static PolicyBlob Random(EnvironmentSpec environment, DreamerV3Sizes sizes, int seed = 1, long version = 1)
    {
        var random = new Random(seed);
        var builder = DreamerV3Format.Policy.Builder(environment, sizes);
        foreach (var tensor in DreamerV3Format.Tensors(environment, sizes))
        {
            var block = tensor.Name is "dyn/hid0/weight" or "dyn/gru/weight";
            var inputs = block ? tensor.Shape[1] : tensor.Elements / tensor.Shape[0];
            var (centre, range) = tensor.Name.Split('/')[^1] switch
            {
                "norm" => (1.0, 0.5),
                "bias" => (0.0, 0.3),
                _ => (0.0, 2 * Math.Sqrt(3.0 / inputs)),
            };
            var values = new float[tensor.Elements];
            foreach (ref var value in values.AsSpan())
            {
                value = (float)(centre + (2 * random.NextDouble() - 1) * range);
            }

            builder.Add(tensor.Name, tensor.Shape, values);
        }

        return builder.Build(version);
    }

    public static void Fill(TimeStep step, Random random)
    {
        for (var index = 0; index < step.Observations.Length; index++)
        {
            var tensor = step.Spec.Observations[index];
            switch (tensor.DType)
            {
                case DType.UInt8:
                    random.NextBytes(step.Observations[index]);
                    break;
                case DType.Int32:
                    foreach (ref var value in step.Integers(index))
                    {
                        value = random.Next(tensor.Classes);
                    }

                    break;
                default:
                    foreach (ref var value in step.Floats(index))
                    {
                        value = (float)(20 * Math.Pow(random.NextDouble() - 0.5, 3));
                    }

                    break;
            }
        }
    }

    public static TimeStep Step(EnvironmentSpec environment, int seed, bool first = false)
    {
        var step = new TimeStep(environment) { IsFirst = first };
        Fill(step, new Random(seed));
        return step;
    }
}
