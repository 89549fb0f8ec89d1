using static TorchSharp.torch;

namespace Dreamer.Agents.Distributions;

/// <summary>Dreamer's continuous actor: a normal squashed by tanh (spec 3.2), mean 5 tanh(m / 5), std softplus(s + softplus^-1(5)) + 1e-4.</summary>
/// <param name="Mean">[..., A] before the squashing, in (-5, 5)</param>
/// <param name="Std">[..., A] before the squashing</param>
public readonly record struct TanhNormal(Tensor Mean, Tensor Std)
{
    /// <summary>Largest mean, and the standard deviation that an untrained actor has.</summary>
    public const double Scale = 5;

    /// <summary>Smallest standard deviation.</summary>
    public const double LowestStd = 1e-4;

    private static readonly double Offset = Math.Log(Math.Exp(Scale) - 1);

    /// <summary>From the two raw outputs of the actor, [..., A] each.</summary>
    public static TanhNormal FromRaw(Tensor mean, Tensor std) =>
        new((mean / Scale).tanh() * Scale, nn.functional.softplus(std + Offset) + LowestStd);

    /// <summary>tanh(mean + std * noise), in (-1, 1); the gradient passes through.</summary>
    public Tensor Sample(Tensor standardNormal) => Mean.addcmul(Std, standardNormal, 1).tanh();
}
