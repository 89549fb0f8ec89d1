using System.Runtime.InteropServices;
using Dreamer.Agents.Nets;
using Dreamer.Policies;
using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents;

/// <summary>Writes the parameters that an actor needs into a policy blob.</summary>
public static class PolicyExport
{
    /// <summary>Fills the blob with the parameters of the same names.</summary>
    public static PolicyBlob Build(PolicyBlobBuilder blob, long version, params ReadOnlySpan<ParameterSet> sets) => Build(blob, version, sets, default);

    /// <summary>The same, where one tensor is no trained parameter: its name and its elements, row major.</summary>
    public static PolicyBlob Build(PolicyBlobBuilder blob, long version, ReadOnlySpan<ParameterSet> sets, (string Name, float[] Values) extra)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var found = new Dictionary<string, (Parameter Parameter, Tensor Weights)>();
        foreach (var set in sets)
        {
            var weights = set.Flat.to(float32).cpu();
            foreach (var parameter in set.Parameters)
            {
                found.Add(parameter.Name, (parameter, weights));
            }
        }

        foreach (var tensor in blob.Tensors)
        {
            if (tensor.Name == extra.Name)
            {
                blob.Add(tensor.Name, tensor.Shape, extra.Values);
                continue;
            }

            var (parameter, weights) = found[tensor.Name];
            var values = MemoryMarshal.Cast<byte, float>(weights.bytes);
            blob.Add(tensor.Name, tensor.Shape, values.Slice(checked((int)parameter.Offset), checked((int)parameter.Count)));
        }

        return blob.Build(version);
    }
}
