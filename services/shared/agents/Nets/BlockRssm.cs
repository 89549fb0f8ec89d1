using Dreamer.Agents.Distributions;
using static TorchSharp.torch;

namespace Dreamer.Agents.Nets;

/// <summary>
/// The recurrent state-space model of V3 (spec 5.2): a GRU with block-diagonal weights and categorical latents.
/// Sequential work is kept small: what does not depend on the previous state is computed for all steps at once.
/// </summary>
public sealed class BlockRssm
{
    private readonly RssmSizes sizes;
    private readonly Dense fromDeter;
    private readonly Dense fromStoch;
    private readonly Dense fromAction;
    private readonly BlockLinear hidden;
    private readonly Parameter hiddenNorm;
    private readonly BlockLinear gates;
    private readonly Dense posterior;
    private readonly Linear posteriorLogits;
    private readonly Mlp prior;
    private readonly Linear priorLogits;

    public BlockRssm(ParameterSet set, RssmSizes sizes, int tokens, int actions)
    {
        this.sizes = sizes;
        var (deter, width, epsilon) = (sizes.Deter, sizes.Hidden, sizes.Epsilon);
        fromDeter = new Dense(set, "dyn/deter", deter, width, epsilon);
        fromStoch = new Dense(set, "dyn/stoch", sizes.StochWidth, width, epsilon);
        fromAction = new Dense(set, "dyn/action", actions, width, epsilon);
        hidden = new BlockLinear(set, "dyn/hid0", deter + sizes.Blocks * 3 * width, deter, sizes.Blocks);
        hiddenNorm = set.Declare("dyn/hid0/norm", Initializer.Ones, deter);
        gates = new BlockLinear(set, "dyn/gru", deter, 3 * deter, sizes.Blocks);
        posterior = new Dense(set, "dyn/post0", deter + tokens, width, epsilon);
        posteriorLogits = new Linear(set, "dyn/postlogit", width, sizes.StochWidth);
        prior = new Mlp(set, "dyn/prior", deter, width, sizes.PriorLayers, epsilon);
        priorLogits = new Linear(set, "dyn/priorlogit", prior.Outputs, sizes.StochWidth);
    }

    /// <summary>
    /// Reads the weights in the form that the scans need; once per scan, because cutting a weight inside a loop would
    /// cost a full-size gradient per step.
    /// </summary>
    public Weights Prepare()
    {
        var (deter, width, blocks) = (sizes.Deter, sizes.Hidden, sizes.Blocks);
        var perBlock = deter / blocks;
        var block = hidden.Weight.Value; // [G, D/G + 3H, D/G]
        // All blocks share the 3H inputs, so their part is one dense matrix: [G, 3H, D/G] -> [3H, D].
        var shared = block.narrow(1, perBlock, 3 * width).permute(1, 0, 2).reshape(3 * width, deter);
        var post = posterior.Linear.Weight.Value; // [H, D + E]
        return new Weights(
            block.narrow(1, 0, perBlock),
            shared.narrow(0, 0, 2 * width),
            shared.narrow(0, 2 * width, width),
            post.narrow(1, 0, deter).t(),
            post.narrow(1, deter, post.shape[1] - deter));
    }

    /// <summary>What the actions add to the recurrent layer, for all steps at once: [N, A] -> [N, D].</summary>
    public Tensor ActionInput(Weights weights, Tensor action)
    {
        // Actions beyond 1 are scaled back, without a gradient through the scale.
        var bounded = action / action.detach().abs().clamp_min(1);
        return addmm(hidden.Bias.Value, fromAction.Apply(bounded), weights.HiddenFromAction, 1, 1);
    }

    /// <summary>What the tokens add to the posterior's hidden layer, for all steps at once: [N, E] -> [N, H].</summary>
    public Tensor TokenInput(Weights weights, Tensor tokens) =>
        nn.functional.linear(tokens, weights.PosteriorFromTokens, posterior.Linear.Bias.Value);

    /// <summary>One step of the recurrence: deter [N, D], stoch [N, S*C], prepared action input [N, D] -> deter' [N, D].</summary>
    public Tensor Core(Weights weights, Tensor deter, Tensor stoch, Tensor actionInput)
    {
        var inputs = cat([fromDeter.Apply(deter), fromStoch.Apply(stoch)], 1);            // [N, 2H]
        var x = addmm(actionInput, inputs, weights.HiddenFromState, 1, 1);                // [N, D]
        x = BlockLinear.Apply(deter, weights.HiddenFromDeter, x, sizes.Blocks);
        x = Kernels.RmsNorm(x, hiddenNorm.Value, sizes.Epsilon, silu: true);
        return Kernels.BlockGru(gates.Apply(x), deter, sizes.Blocks);
    }

    /// <summary>Logits [N, S, C] of the state given deter' [N, D] and the prepared token input [N, H].</summary>
    public Tensor Posterior(Weights weights, Tensor deter, Tensor tokenInput) =>
        posteriorLogits.Apply(posterior.Activate(addmm(tokenInput, deter, weights.PosteriorFromDeter, 1, 1)))
            .view(-1, sizes.Stoch, sizes.Classes);

    /// <summary>Logits [N, S, C] of the state given deter' [N, D] alone.</summary>
    public Tensor Prior(Tensor deter) => priorLogits.Apply(prior.Apply(deter)).view(-1, sizes.Stoch, sizes.Classes);

    /// <summary>One-hot sample [N, S*C] with straight-through gradient; uniform numbers are [N, S, 1].</summary>
    public Tensor Sample(Tensor logits, Tensor uniform) =>
        OneHot.Sample(logits, uniform, sizes.Unimix).view(-1, sizes.StochWidth);

    /// <summary>Views of the weights in the order the scans multiply with them.</summary>
    /// <param name="HiddenFromDeter">[G, D/G, D/G]</param>
    /// <param name="HiddenFromState">[2H, D]</param>
    /// <param name="HiddenFromAction">[H, D]</param>
    /// <param name="PosteriorFromDeter">[D, H]</param>
    /// <param name="PosteriorFromTokens">[H, E]</param>
    public readonly record struct Weights(
        Tensor HiddenFromDeter, Tensor HiddenFromState, Tensor HiddenFromAction, Tensor PosteriorFromDeter, Tensor PosteriorFromTokens);
}
