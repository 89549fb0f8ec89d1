namespace Dreamer.Environments.Crafter;

/// <summary>The published score of an agent (Hafner 2021, section 3.3).</summary>
public static class CrafterScore
{
    /// <summary>
    /// exp(mean of ln(1 + s)) - 1 over the success rates s of the 22 achievements in percent: the geometric mean, which a
    /// rare achievement moves more than an easy one.
    /// </summary>
    /// <param name="episodes">Share of episodes, 0 to 1, in which each achievement was reached at least once.</param>
    /// <returns>0 to 100.</returns>
    public static double Of(IReadOnlyCollection<double> episodes) => Math.Exp(episodes.Average(share => Math.Log(1 + (100 * share)))) - 1;
}
