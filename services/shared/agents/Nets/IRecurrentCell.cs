using static TorchSharp.torch;

namespace Dreamer.Agents.Nets;

/// <summary>One step of a recurrent layer.</summary>
public interface IRecurrentCell
{
    /// <summary>input [N, X], state [N, D] -> state' [N, D]</summary>
    Tensor Step(Tensor input, Tensor state);
}
