using Dreamer.Agents.Distributions;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Dreamer.Agents.Nets;

/// <summary>
/// The recurrent state-space model of PlaNet and Dreamer (spec 2.1, 3.1): x = act(W [stoch, action]), deter' = GRU(x, deter), and
/// normals over stoch' from deter' alone (prior) or with the tokens (posterior).
/// Sequential work is kept small: what does not depend on the previous state is computed for all steps at once.
/// </summary>
public sealed class GaussianRssm
{
    private const double LowestStd = 0.1;
    private readonly int deter;
    private readonly int stoch;
    private readonly Activation activation;
    private readonly Linear input;
    private readonly IRecurrentCell cell;
    private readonly Linear prior;
    private readonly Linear priorState;
    private readonly Linear posterior;
    private readonly Linear posteriorState;

    /// <param name="cell">Makes the recurrent layer from its name, inputs and units.</param>
    public GaussianRssm(
        ParameterSet set, int deter, int stoch, int hidden, int tokens, int actions, Activation activation, Func<string, int, int, IRecurrentCell> cell)
    {
        (this.deter, this.stoch, this.activation) = (deter, stoch, activation);
        input = PlainMlp.Layer(set, "rssm/input", stoch + actions, hidden);
        this.cell = cell("rssm/gru", hidden, deter);
        prior = PlainMlp.Layer(set, "rssm/prior", deter, hidden);
        priorState = PlainMlp.Layer(set, "rssm/prior_state", hidden, 2 * stoch);
        posterior = PlainMlp.Layer(set, "rssm/post", deter + tokens, hidden);
        posteriorState = PlainMlp.Layer(set, "rssm/post_state", hidden, 2 * stoch);
    }

    /// <summary>Width F of the features [stoch, deter].</summary>
    public int Feature => stoch + deter;

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
        cell.Step(activation.Apply(addmm(actionInput, stoch, weights.InputFromStoch, 1, 1)), deter);

    /// <summary>The state given deter' [N, D] alone: normals [N, S].</summary>
    public DiagonalNormal Prior(Tensor deter) => Normal(priorState.Apply(activation.Apply(prior.Apply(deter))));

    /// <summary>The state given deter' [N, D] and the prepared token input [N, H]: normals [N, S].</summary>
    public DiagonalNormal Posterior(Weights weights, Tensor deter, Tensor tokenInput) =>
        Normal(posteriorState.Apply(activation.Apply(addmm(tokenInput, deter, weights.PosteriorFromDeter, 1, 1))));

    private static DiagonalNormal Normal(Tensor raw)
    {
        var halves = raw.chunk(2, -1);
        return new(halves[0], F.softplus(halves[1]) + LowestStd);
    }

    /// <summary>Views of the weights in the order the scans multiply with them.</summary>
    /// <param name="InputFromStoch">[S, H]</param>
    /// <param name="InputFromAction">[H, A]</param>
    /// <param name="PosteriorFromDeter">[D, H]</param>
    /// <param name="PosteriorFromTokens">[H, E]</param>
    public readonly record struct Weights(
        Tensor InputFromStoch, Tensor InputFromAction, Tensor PosteriorFromDeter, Tensor PosteriorFromTokens);
}
