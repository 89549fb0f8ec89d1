namespace Dreamer.Agents.Nets;

/// <summary>Sizes of a <see cref="BlockRssm"/>.</summary>
/// <param name="Deter">D, recurrent units.</param>
/// <param name="Hidden">Width of the hidden layers.</param>
/// <param name="Stoch">S, categorical variables.</param>
/// <param name="Classes">C, classes of each.</param>
/// <param name="Blocks">G, blocks of the recurrent layers; D is a multiple of it.</param>
/// <param name="PriorLayers">Hidden layers before the prior's logits.</param>
/// <param name="Unimix">Share of the uniform distribution in every categorical.</param>
/// <param name="Epsilon">Of the norms.</param>
public sealed record RssmSizes(int Deter, int Hidden, int Stoch, int Classes, int Blocks, int PriorLayers, double Unimix, double Epsilon)
{
    /// <summary>S*C</summary>
    public int StochWidth => Stoch * Classes;

    /// <summary>F = D + S*C</summary>
    public int Feature => Deter + StochWidth;
}
