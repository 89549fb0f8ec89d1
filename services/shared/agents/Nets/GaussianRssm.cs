using Dreamer.Agents.Distributions;
using static TorchSharp.torch;

namespace Dreamer.Agents.Nets;

/// <summary>The recurrent model of PlaNet and Dreamer (spec 2.1, 3.1), whose state is drawn from normals with std softplus(x) + 0.1.</summary>
public sealed class GaussianRssm
{
    private const double LowestStd = 0.1;
    private readonly RecurrentModel model;

    /// <param name="cell">Makes the recurrent layer from its name, inputs and units.</param>
    public GaussianRssm(
        ParameterSet set, int deter, int stoch, int hidden, int tokens, int actions, Activation activation, Func<string, int, int, IRecurrentCell> cell) =>
        model = new RecurrentModel(set, deter, stoch, 2 * stoch, hidden, tokens, actions, activation, cell);

    /// <summary>Width F of the features [stoch, deter].</summary>
    public int Feature => model.Feature;

    /// <summary>Cuts the weights into what the scans multiply with; once per scan.</summary>
    public RecurrentModel.Weights Prepare() => model.Prepare();

    /// <summary>What actions [N, A] add to the recurrent layer's input, for all steps at once: [N, H].</summary>
    public Tensor ActionInput(RecurrentModel.Weights weights, Tensor action) => model.ActionInput(weights, action);

    /// <summary>What tokens [N, E] add to the posterior's hidden layer, for all steps at once: [N, H].</summary>
    public Tensor TokenInput(RecurrentModel.Weights weights, Tensor tokens) => model.TokenInput(weights, tokens);

    /// <summary>deter [N, D], stoch [N, S], prepared action input [N, H] -> deter' [N, D].</summary>
    public Tensor Core(RecurrentModel.Weights weights, Tensor deter, Tensor stoch, Tensor actionInput) => model.Core(weights, deter, stoch, actionInput);

    /// <summary>The state given deter' [N, D] alone: normals [N, S].</summary>
    public DiagonalNormal Prior(Tensor deter) => Normal(model.Prior(deter));

    /// <summary>The state given deter' [N, D] and the prepared token input [N, H]: normals [N, S].</summary>
    public DiagonalNormal Posterior(RecurrentModel.Weights weights, Tensor deter, Tensor tokenInput) => Normal(model.Posterior(weights, deter, tokenInput));

    private static DiagonalNormal Normal(Tensor raw)
    {
        var halves = raw.chunk(2, -1);
        return new(halves[0], nn.functional.softplus(halves[1]) + LowestStd);
    }
}
