using System.Runtime.InteropServices;
using Dreamer.Agents.Nets;
using Dreamer.Policies;
using static TorchSharp.torch;

namespace Dreamer.Agents;

/// <summary>Writes the parameters that an actor needs into a policy blob.</summary>
public static class PolicyExport
{
    /// <summary>Fills the blob with the parameters of the same names.</summary>
    public static PolicyBlob Build(PolicyBlobBuilder blob, ParameterSet set, long version)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var weights = set.Flat.to(float32).cpu();
        var values = MemoryMarshal.Cast<byte, float>(weights.bytes);
        var parameters = set.Parameters.ToDictionary(parameter => parameter.Name);
        foreach (var tensor in blob.Tensors)
        {
            var parameter = parameters[tensor.Name];
            blob.Add(tensor.Name, tensor.Shape, values.Slice(checked((int)parameter.Offset), checked((int)parameter.Count)));
        }

        return blob.Build(version);
    }
}
