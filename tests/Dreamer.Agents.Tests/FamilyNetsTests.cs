using Dreamer.Agents.Distributions;
using Dreamer.Agents.Nets;
using Dreamer.Agents.Optimisers;
using Dreamer.Agents.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents.Tests;

/// <summary>Parts that the generations before V3 share, against the numbers of the specification and of plain arithmetic.</summary>
public sealed class FamilyNetsTests
{
    [Fact]
    public void ReturnsIncludeTheRewardOnArrival()
    {
        using var scope = NewDisposeScope();
        Tensor Column(params double[] values) => Tensors.F64(values).unsqueeze(-1);
        var target = LambdaReturn.Arriving(Column(1, 2, 3), Column(0.99, 0.99, 0), Column(10, 20, 30), Tensors.F64(40), lambda: 0.95);
        Tensors.Near([7.92126325, 6.3065, 3.0], target.view(-1), 1e-9);
    }

    [Fact]
    public void TheActorsSpreadStartsAtFive()
    {
        using var scope = NewDisposeScope();
        var normal = TanhNormal.FromRaw(Tensors.F64(0, 5), Tensors.F64(0, 0));
        Tensors.Near([5.0001, 5.0001], normal.Std, 1e-9);
        Tensors.Near([0, 5 * Math.Tanh(1)], normal.Mean, 1e-9);
        Tensors.Near([Math.Tanh(5.0001 * 0.1), Math.Tanh(5 * Math.Tanh(1) - 5.0001 * 0.1)], normal.Sample(Tensors.F64(0.1, -0.1)), 1e-9);
    }

    [Fact]
    public void TheDivergenceOfNormalsIsExact()
    {
        using var scope = NewDisposeScope();
        var (left, right) = (new DiagonalNormal(Tensors.F64(0.5), Tensors.F64(1.2)), new DiagonalNormal(Tensors.F64(0), Tensors.F64(0.8)));
        Assert.Equal(0.414847392, left.Divergence(right).item<double>(), 8);
        Assert.Equal(-0.5 * Math.Pow(0.5 / 1.2, 2) - Math.Log(1.2) - 0.5 * Math.Log(2 * Math.PI), left.LogProbability(Tensors.F64(1)).item<double>(), 9);
        Assert.Equal(Math.Log(1.2) + 0.5 * Math.Log(2 * Math.PI * Math.E), left.Entropy().item<double>(), 9);
    }

    [Fact]
    public void AdamPutsEpsilonOutsideTheCorrection()
    {
        using var scope = NewDisposeScope();
        using var set = new ParameterSet();
        set.Declare("p/weight", Initializer.Ones, 2);
        set.Allocate(CPU, ScalarType.Float64, seed: 0, trainable: true);
        using var adam = new Adam(set, new AdamOptions { LearningRate = 0.1, Epsilon = 0.01, Clip = 5, WeightDecay = 0.5 });
        var (p, m, v) = (new double[] { 1, 1 }, new double[2], new double[2]);
        for (var n = 1; n <= 3; n++)
        {
            double[] g = [6, 8.0 * n];
            set.Gradient.copy_(Tensors.F64(g));
            var norm = Math.Sqrt(g[0] * g[0] + g[1] * g[1]);
            Assert.Equal(norm, adam.Step().item<double>(), 9);
            for (var i = 0; i < 2; i++)
            {
                g[i] *= 5 / norm;
                m[i] = 0.9 * m[i] + 0.1 * g[i];
                v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
                p[i] = p[i] * 0.5 - 0.1 * Math.Sqrt(1 - Math.Pow(0.999, n)) / (1 - Math.Pow(0.9, n)) * m[i] / (Math.Sqrt(v[i]) + 0.01);
            }

            Tensors.Near(p, set.Flat, 1e-12);
            Tensors.Near([0, 0], set.Gradient, 0);
        }
    }

    /// <summary>With the gradients of all three tensors.</summary>
    [Fact]
    public void TheFirstStageOfTheDecoderEqualsATransposedConvolution()
    {
        using var scope = NewDisposeScope();
        Tensor[] leaves = [Tensors.Normal(1, 3, 7), Tensors.Normal(2, 7, 4, 5, 5), Tensors.Normal(3, 4)];
        var slope = Tensors.Normal(4, 3, 5, 5, 4).to(float64);
        Tensor[] Run(Func<Tensor, Tensor, Tensor, Tensor> stage)
        {
            Tensor[] inputs = [.. leaves.Select(leaf => leaf.to(float64).requires_grad_())];
            var result = stage(inputs[0], inputs[1], inputs[2]);
            (result * slope).sum().backward();
            return [result, .. inputs.Select(input => input.grad!)];
        }

        var plain = Run((x, weight, bias) => nn.functional.conv_transpose2d(x.view(3, 7, 1, 1), weight, bias, strides: [2, 2]).permute(0, 2, 3, 1));
        foreach (var (expected, actual) in plain.Zip(Run(StridedDecoder.OfOnePixel)))
        {
            Tensors.Near(expected, actual, 1e-12);
        }
    }

    [Fact]
    public void TheBlockCellComputesItsFormula()
    {
        using var scope = NewDisposeScope();
        using var set = new ParameterSet();
        var cell = new GruBlockCell(set, "gru", inputs: 2, units: 3);
        set.Allocate(CPU, ScalarType.Float64, seed: 1, trainable: false);
        var weights = set.Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value);
        Tensors.Near([1, 1, 1, 1, 1, 1], weights["gru/gates/bias"], 0);
        var (x, h) = (Tensors.Normal(1, 4, 2).to(float64), Tensors.Normal(2, 4, 3).to(float64));
        var gates = (cat([x, h], 1).matmul(weights["gru/gates/weight"].t()) + 1).sigmoid();
        var (r, u) = (gates.narrow(1, 0, 3), gates.narrow(1, 3, 3));
        var c = cat([x, r * h], 1).matmul(weights["gru/candidate/weight"].t()).tanh();
        Tensors.Near(u * h + (1 - u) * c, cell.Step(x, h), 1e-12);
    }

    [Fact]
    public void TheKerasCellResetsAfterTheProductAndStartsOrthogonal()
    {
        using var scope = NewDisposeScope();
        using var set = new ParameterSet();
        var cell = new KerasGruCell(set, "gru", inputs: 2, units: 3);
        set.Allocate(CPU, ScalarType.Float64, seed: 1, trainable: false);
        var weights = set.Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value);
        var recurrent = weights["gru/recurrent/weight"]; // [9, 3]
        Tensors.Near(eye(3, dtype: float64), recurrent.t().matmul(recurrent), 1e-12);

        weights["gru/kernel/bias"].copy_(Tensors.Normal(3, 9));
        weights["gru/recurrent/bias"].copy_(Tensors.Normal(4, 9));
        var (x, h) = (Tensors.Normal(1, 4, 2).to(float64), Tensors.Normal(2, 4, 3).to(float64));
        var i = (x.matmul(weights["gru/kernel/weight"].t()) + weights["gru/kernel/bias"]).chunk(3, 1);
        var s = (h.matmul(recurrent.t()) + weights["gru/recurrent/bias"]).chunk(3, 1);
        var (z, r) = ((i[0] + s[0]).sigmoid(), (i[1] + s[1]).sigmoid());
        Tensors.Near(z * h + (1 - z) * (i[2] + r * s[2]).tanh(), cell.Step(x, h), 1e-12);
    }

    [Fact]
    public void LayersStartAsKerasStartsThem()
    {
        using var scope = NewDisposeScope();
        using var set = new ParameterSet();
        _ = new PlainMlp(set, "net", 30, 50, 1, Activation.Elu);
        set.Allocate(CPU, ScalarType.Float32, seed: 1, trainable: false);
        var limit = Math.Sqrt(6.0 / 80);
        var weight = set.Parameters[0].Value;
        Assert.InRange(weight.abs().max().item<float>(), 0.98 * limit, limit);
        Assert.InRange(weight.std().item<float>(), 0.95 * limit / Math.Sqrt(3), 1.05 * limit / Math.Sqrt(3));
        Tensors.Near(zeros(50), set.Parameters[1].Value, 0);
    }

    [Fact]
    public void AFrozenSetPassesGradientsOnAndTakesNone()
    {
        using var scope = NewDisposeScope();
        using var set = new ParameterSet();
        var layer = PlainMlp.Layer(set, "net", 2, 1);
        set.Allocate(CPU, ScalarType.Float64, seed: 1, trainable: true);
        var x = Tensors.F64(1, 2).requires_grad_(true);
        Tensor frozen;
        var open = layer.Apply(Tensors.F64(3, 4));
        using (set.Freeze())
        {
            frozen = layer.Apply(x);
        }

        frozen.backward();
        Tensors.Near(layer.Weight.Value.view(-1), x.grad!, 1e-12);
        Tensors.Near([0, 0, 0], set.Gradient, 0);
        open.backward();
        Tensors.Near([3, 4, 1], set.Gradient, 1e-12);
    }
}
