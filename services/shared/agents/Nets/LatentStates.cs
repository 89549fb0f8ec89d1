using static TorchSharp.torch;

namespace Dreamer.Agents.Nets;

/// <summary>States of replayed steps, time first.</summary>
/// <param name="Deter">[N, D]</param>
/// <param name="Stoch">[N, S] sampled.</param>
/// <param name="Posterior">[N, P] what it was sampled from.</param>
public readonly record struct LatentStates(Tensor Deter, Tensor Stoch, Tensor Posterior)
{
    /// <summary>[N, F]</summary>
    public Tensor Feature { get; } = cat([Stoch, Deter], 1);

    /// <summary>
    /// The posterior over replayed steps from a blank state. Where <paramref name="observed"/> ends before the sequence does, the
    /// rest follows the prior: an open-loop prediction.
    /// </summary>
    /// <param name="tokens">[N, E]</param>
    /// <param name="noise">The latent's random numbers [N, S].</param>
    public static LatentStates Observe(
        RecurrentModel rssm, ILatent latent, ReplayedSteps data, Tensor tokens, Tensor noise, int observed = int.MaxValue)
    {
        var (steps, rows) = (data.Steps, data.Rows);
        var weights = rssm.Prepare();
        var tokenInput = rssm.TokenInput(weights, tokens).view(steps, rows, -1).unbind();
        var actionInput = rssm.ActionInput(weights, data.PreviousAction).view(steps, rows, -1).unbind();
        var (keep, draws) = (data.Keep.unbind(), noise.view(steps, rows, -1).unbind());
        var stoch = zeros([rows, latent.Width], noise.dtype, noise.device);
        var deter = zeros([rows, rssm.Deter], noise.dtype, noise.device);
        var (deters, stochs, posteriors) = (new Tensor[steps], new Tensor[steps], new Tensor[steps]);
        for (var t = 0; t < steps; t++)
        {
            if (data.HasFirst[t])
            {
                (deter, stoch) = (deter * keep[t], stoch * keep[t]);
            }

            deters[t] = deter = rssm.Core(weights, deter, stoch, actionInput[t]);
            posteriors[t] = t < observed ? rssm.Posterior(weights, deter, tokenInput[t]) : rssm.Prior(deter);
            stochs[t] = stoch = latent.Sample(posteriors[t], draws[t]);
        }

        return new(cat(deters, 0), cat(stochs, 0), cat(posteriors, 0));
    }
}
