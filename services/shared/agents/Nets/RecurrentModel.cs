using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Dreamer.Agents.Nets;

/// <summary>
/// The recurrent state-space model of the generations before V3 (spec 2.1, 3.1, 4.1), whatever its state is drawn from:
/// x = act(W [stoch, action]), deter' = cell(x, deter), and the distribution of stoch' from deter' alone (prior) or with the tokens
/// (posterior). Sequential work is kept small: what does not depend on the previous state is computed for all steps at once.
/// </summary>
public sealed class RecurrentModel
{
    private readonly int deter;
    private readonly int stoch;
    private readonly Linear input;
    private readonly Func<Tensor, Tensor> afterInput;
    private readonly IRecurrentCell cell;
    private readonly Linear prior;
    private readonly Func<Tensor, Tensor> afterPrior;
    private readonly Linear priorState;
    private readonly Linear posterior;
    private readonly Func<Tensor, Tensor> afterPosterior;
    private readonly Linear posteriorState;

    /// <param name="stoch">Width of a sampled state.</param>
    /// <param name="parameters">Numbers that describe the distribution of one.</param>
    /// <param name="cell">Makes the recurrent layer from its name, inputs and units.</param>
    public RecurrentModel(
        ParameterSet set, int deter, int stoch, int parameters, int hidden, int tokens, int actions, Activation activation,
        Func<string, int, int, IRecurrentCell> cell)
    {
        (this.deter, this.stoch) = (deter, stoch);
        (input, afterInput) = Hidden("rssm/input", stoch + actions);
        this.cell = cell("rssm/gru", hidden, deter);
        (prior, afterPrior) = Hidden("rssm/prior", deter);
        priorState = PlainMlp.Layer(set, "rssm/prior_state", hidden, parameters);
        (posterior, afterPosterior) = Hidden("rssm/post", deter + tokens);
        posteriorState = PlainMlp.Layer(set, "rssm/post_state", hidden, parameters);

        (Linear, Func<Tensor, Tensor>) Hidden(string name, int inputs) =>
            (PlainMlp.Layer(set, name, inputs, hidden), activation.After(set, name, hidden));
    }

    /// <summary>Width F of the features [stoch, deter].</summary>
    public int Feature => stoch + deter;

    /// <summary>D</summary>
    public int Deter => deter;

    /// <summary>Cuts the weights into what the scans multiply with; once per scan.</summary>
    public Weights Prepare()
    {
        var (fromInputs, fromState) = (input.Weight.Value, posterior.Weight.Value);
        return new Weights(
            fromInputs.narrow(1, 0, stoch).t(),
            fromInputs.narrow(1, stoch, fromInputs.shape[1] - stoch),
            fromState.narrow(1, 0, deter).t(),
            fromState.narrow(1, deter, fromState.shape[1] - deter));
    }

    /// <summary>What actions [N, A] add to the recurrent layer's input, for all steps at once: [N, H].</summary>
    public Tensor ActionInput(Weights weights, Tensor action) => F.linear(action, weights.InputFromAction, input.Bias.Value);

    /// <summary>What tokens [N, E] add to the posterior's hidden layer, for all steps at once: [N, H].</summary>
    public Tensor TokenInput(Weights weights, Tensor tokens) => F.linear(tokens, weights.PosteriorFromTokens, posterior.Bias.Value);

    /// <summary>deter [N, D], stoch [N, S], prepared action input [N, H] -> deter' [N, D].</summary>
    public Tensor Core(Weights weights, Tensor deter, Tensor stoch, Tensor actionInput) =>
        cell.Step(afterInput(addmm(actionInput, stoch, weights.InputFromStoch, 1, 1)), deter);

    /// <summary>Parameters [N, P] of the state's distribution given deter' [N, D] alone.</summary>
    public Tensor Prior(Tensor deter) => priorState.Apply(afterPrior(prior.Apply(deter)));

    /// <summary>Parameters [N, P] of the state's distribution given deter' [N, D] and the prepared token input [N, H].</summary>
    public Tensor Posterior(Weights weights, Tensor deter, Tensor tokenInput) =>
        posteriorState.Apply(afterPosterior(addmm(tokenInput, deter, weights.PosteriorFromDeter, 1, 1)));

    /// <summary>Views of the weights in the order the scans multiply with them.</summary>
    /// <param name="InputFromStoch">[S, H]</param>
    /// <param name="InputFromAction">[H, A]</param>
    /// <param name="PosteriorFromDeter">[D, H]</param>
    /// <param name="PosteriorFromTokens">[H, E]</param>
    public readonly record struct Weights(
        Tensor InputFromStoch, Tensor InputFromAction, Tensor PosteriorFromDeter, Tensor PosteriorFromTokens);
}
