using Dreamer.Agents.Nets;
using Dreamer.Agents.Optimisers;
using static TorchSharp.torch;

namespace Dreamer.Agents;

/// <summary>Parameters and the optimiser that trains them: a generation with three optimisers has three.</summary>
internal sealed class TrainedSet : IDisposable
{
    /// <summary>Allocates the parameters.</summary>
    public TrainedSet(ParameterSet parameters, AdamOptions options, Device device, ScalarType dtype, ulong seed)
    {
        Parameters = parameters;
        Parameters.Allocate(device, dtype, seed, trainable: true);
        Optimiser = new Adam(parameters, options);
    }

    public ParameterSet Parameters { get; }

    public Adam Optimiser { get; }

    /// <summary>Everything that changes from update to update, under names for a checkpoint.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> Saved()
    {
        foreach (var parameter in Parameters.Parameters)
        {
            yield return ($"param/{parameter.Name}", ParameterSet.View(Parameters.Flat, parameter));
            yield return ($"momentum/{parameter.Name}", ParameterSet.View(Optimiser.Momentum, parameter));
            yield return ($"mean_square/{parameter.Name}", ParameterSet.View(Optimiser.MeanSquare, parameter));
        }
    }

    public void Dispose()
    {
        Optimiser.Dispose();
        Parameters.Dispose();
    }
}
