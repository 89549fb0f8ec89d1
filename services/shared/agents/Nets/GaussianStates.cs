using Dreamer.Agents.Distributions;
using static TorchSharp.torch;

namespace Dreamer.Agents.Nets;

/// <summary>States of replayed steps, time first.</summary>
/// <param name="Deter">[N, D]</param>
/// <param name="Stoch">[N, S] sampled.</param>
/// <param name="Posterior">[N, S] what it was sampled from.</param>
public readonly record struct GaussianStates(Tensor Deter, Tensor Stoch, DiagonalNormal Posterior)
{
    /// <summary>[N, F]</summary>
    public Tensor Feature { get; } = cat([Stoch, Deter], 1);

    /// <summary>
    /// The posterior over replayed steps from a blank state. Where <paramref name="observed"/> ends before the sequence does, the
    /// rest follows the prior: an open-loop prediction.
    /// </summary>
    /// <param name="tokens">[N, E]</param>
    /// <param name="noise">Standard normal numbers [T, B, S].</param>
    public static GaussianStates Observe(GaussianRssm rssm, ReplayedSteps data, Tensor tokens, Tensor noise, int observed = int.MaxValue)
    {
        var (steps, rows) = (data.Steps, data.Rows);
        var weights = rssm.Prepare();
        var tokenInput = rssm.TokenInput(weights, tokens).view(steps, rows, -1).unbind();
        var actionInput = rssm.ActionInput(weights, data.PreviousAction).view(steps, rows, -1).unbind();
        var (keep, draws) = (data.Keep.unbind(), noise.unbind());
        var stoch = zeros_like(draws[0]);
        var deter = zeros([rows, rssm.Feature - stoch.shape[1]], stoch.dtype, stoch.device);
        var (deters, stochs, normals) = (new Tensor[steps], new Tensor[steps], new DiagonalNormal[steps]);
        for (var t = 0; t < steps; t++)
        {
            if (data.HasFirst[t])
            {
                (deter, stoch) = (deter * keep[t], stoch * keep[t]);
            }

            deters[t] = deter = rssm.Core(weights, deter, stoch, actionInput[t]);
            normals[t] = t < observed ? rssm.Posterior(weights, deter, tokenInput[t]) : rssm.Prior(deter);
            stochs[t] = stoch = normals[t].Sample(draws[t]);
        }

        return new(
            cat(deters, 0), cat(stochs, 0),
            new DiagonalNormal(cat([.. normals.Select(normal => normal.Mean)], 0), cat([.. normals.Select(normal => normal.Std)], 0)));
    }
}
