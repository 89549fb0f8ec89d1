using Dreamer.Agents.Nets;
using static Dreamer.Agents.Tests.Support.Tensors;
using static TorchSharp.torch;

namespace Dreamer.Agents.Tests;

/// <summary>The recurrent step, which is computed in rearranged parts, against the plain formula of the paper, in float64.</summary>
public sealed class RssmTests
{
    private const int Rows = 3;
    private const int Tokens = 7;
    private const int Actions = 2;

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void TheStepEqualsThePlainFormula(int blocks)
    {
        using var scope = NewDisposeScope();
        var sizes = new RssmSizes(16, 6, 3, 5, blocks, 2, 0.01, 1e-4);
        using var set = new ParameterSet();
        var rssm = new BlockRssm(set, sizes, Tokens, Actions);
        set.Allocate(CPU, float64, seed: 5, trainable: true);
        var values = set.Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value);
        using (no_grad())
        {
            foreach (var (bias, i) in set.Parameters.Where(parameter => !parameter.Name.EndsWith("/weight", StringComparison.Ordinal)).Select((p, i) => (p.Value, i)))
            {
                bias.add_(Normal((ulong)i, bias.shape).to(float64) * 0.1);
            }
        }

        var deter = Normal(100, Rows, 16).to(float64);
        var stoch = Normal(101, Rows, 15).to(float64);
        var action = Normal(102, Rows, Actions).to(float64) * 3;
        var tokens = Normal(103, Rows, Tokens).to(float64);

        Tensor Norm(Tensor x, string name) => Kernels.RmsNormEager(x, values[$"{name}/norm"], 1e-4, silu: true);
        Tensor Linear(Tensor x, string name) => mm(x, values[$"{name}/weight"].t()) + values[$"{name}/bias"];
        Tensor Block(Tensor x, string name) // [B, G, in/G] -> [B, out]
        {
            var parts = Enumerable.Range(0, blocks).Select(g => mm(x.select(1, g), values[$"{name}/weight"].select(0, g)));
            return cat([.. parts], 1) + values[$"{name}/bias"];
        }

        var inputs = cat(
            [
                Norm(Linear(deter, "dyn/deter"), "dyn/deter"),
                Norm(Linear(stoch, "dyn/stoch"), "dyn/stoch"),
                Norm(Linear(action / maximum(action.abs(), ones_like(action)), "dyn/action"), "dyn/action"),
            ], 1);
        var joined = cat([deter.view(Rows, blocks, -1), inputs.unsqueeze(1).expand(Rows, blocks, 18)], 2);
        var hidden = Norm(Block(joined, "dyn/hid0"), "dyn/hid0");
        var gates = Block(hidden.view(Rows, blocks, -1), "dyn/gru").view(Rows, blocks, 3, -1);
        Tensor Third(int i) => gates.select(2, i).reshape(Rows, 16);
        var update = (Third(2) - 1).sigmoid();
        var expected = update * (Third(0).sigmoid() * Third(1)).tanh() + (1 - update) * deter;

        var weights = rssm.Prepare();
        var actual = rssm.Core(weights, deter, stoch, rssm.ActionInput(weights, action));
        Near(expected, actual, 1e-12);

        var posterior = Linear(Norm(Linear(cat([expected, tokens], 1), "dyn/post0"), "dyn/post0"), "dyn/postlogit");
        Near(posterior.view(Rows, 3, 5), rssm.Posterior(weights, actual, rssm.TokenInput(weights, tokens)), 1e-12);
        var prior = Linear(Norm(Linear(Norm(Linear(expected, "dyn/prior0"), "dyn/prior0"), "dyn/prior1"), "dyn/prior1"), "dyn/priorlogit");
        Near(prior.view(Rows, 3, 5), rssm.Prior(actual), 1e-12);
    }

    [Fact]
    public void WeightsStartWithThePublishedSpread()
    {
        using var scope = NewDisposeScope();
        using var set = new ParameterSet();
        _ = new BlockRssm(set, new RssmSizes(256, 64, 8, 8, 8, 2, 0.01, 1e-4), 32, 2);
        _ = new TwoHotHead(set, "rew", 256, 64, 1, 255, 1e-4);
        set.Allocate(CPU, float32, seed: 5, trainable: false);
        var values = set.Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value);
        // Fan-in: inputs of a linear layer, and the full width of a block layer (256 + 8 * 3 * 64 = 1792).
        Assert.Equal(1 / 16.0, values["dyn/deter/weight"].std().item<float>(), 0.003);
        Assert.Equal(1 / Math.Sqrt(1792), values["dyn/hid0/weight"].std().item<float>(), 0.001);
        Assert.InRange(values["dyn/deter/weight"].abs().max().item<float>(), 0.9 * 2 * 1.1368 / 16, 2 * 1.1369 / 16);
        Assert.Equal(0, values["rew/logit/weight"].abs().max().item<float>());
        Assert.Equal(1, values["dyn/hid0/norm"].min().item<float>());
    }
}
