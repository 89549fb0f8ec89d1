using System.Runtime.InteropServices;
using Dreamer.Spaces;
using static TorchSharp.torch;

namespace Dreamer.Agents.Tests.Support;

/// <summary>Made-up observations of an environment, for a policy and as columns for networks.</summary>
internal static class Steps
{
    public static TimeStep Show(EnvironmentSpec spec, Random random, bool isFirst)
    {
        var step = new TimeStep(spec);
        foreach (var (key, buffer) in spec.Observations.Zip(step.Observations))
        {
            random.NextBytes(buffer);
            foreach (ref var value in MemoryMarshal.Cast<byte, float>(key.DType == DType.Float32 ? buffer.AsSpan() : []))
            {
                value = (float)(random.NextDouble() * 20 - 10);
            }

            foreach (ref var value in MemoryMarshal.Cast<byte, int>(key.DType == DType.Int32 ? buffer.AsSpan() : []))
            {
                value = random.Next(key.Classes);
            }
        }

        step.Set(0, isFirst, isLast: false, isTerminal: false);
        return step;
    }

    /// <summary>[steps, elements] of one observation.</summary>
    public static Tensor Column(EnvironmentSpec spec, TimeStep[] shown, TensorSpec key, ScalarType type)
    {
        var index = spec.Observations.IndexOf(key);
        var result = empty([shown.Length, key.Elements], type);
        shown.SelectMany(step => step.Observations[index]).ToArray().CopyTo(result.bytes);
        return result;
    }
}
