using System.Runtime.InteropServices;
using Dreamer.Policies.DreamerV3;
using Dreamer.Spaces;

namespace Dreamer.Policies.Tests;

/// <summary>The acting path of DreamerV3 written from the specification: one environment, plain loops, float64.</summary>
internal sealed class ReferencePolicy
{
    private readonly PolicyManifest _manifest;
    private readonly EnvironmentSpec _environment;
    private readonly DreamerV3Sizes _sizes;
    private readonly Dictionary<string, double[]> _tensors = [];

    public ReferencePolicy(PolicyBlob blob)
    {
        _manifest = PolicyManifest.Parse(blob.Manifest.Span);
        (_environment, _sizes) = (_manifest.ParseEnvironment(), DreamerV3Format.Policy.Sizes(_manifest.Sizes));
        var bits = MemoryMarshal.Cast<byte, ushort>(blob.Weights.Span);
        foreach (var tensor in _manifest.Tensors)
        {
            var values = new double[tensor.Elements];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = BitConverter.UInt32BitsToSingle((uint)bits[(int)tensor.Offset + i] << 16);
            }

            _tensors[tensor.Name] = values;
        }

        (Deter, Stoch, Action) = (new double[_sizes.Deter], new double[_sizes.Stoch * _sizes.Classes], new double[_environment.Action.Size]);
    }

    /// <summary>Recurrent state; the caller sets what was sampled.</summary>
    public double[] Deter { get; private set; }

    public double[] Stoch { get; private set; }

    public double[] Action { get; private set; }

    public double[] Tokens { get; private set; } = [];

    /// <summary>[S, C] after unimix.</summary>
    public double[] Probabilities { get; private set; } = [];

    public double[] PosteriorLogits { get; private set; } = [];

    /// <summary>Advances the recurrent state and computes the posterior.</summary>
    public void Observe(TimeStep step)
    {
        if (step.IsFirst)
        {
            Array.Clear(Deter);
            Array.Clear(Stoch);
            Array.Clear(Action);
        }

        var action = Action.Select(value => value / Math.Max(1, Math.Abs(value))).ToArray();
        double[] x = [.. Hidden("dyn/deter", Deter), .. Hidden("dyn/stoch", Stoch), .. Hidden("dyn/action", action)];
        Deter = Core(x);
        Tokens = Encode(step);
        PosteriorLogits = Linear("dyn/postlogit", Hidden("dyn/post0", [.. Deter, .. Tokens]));
        Probabilities = [.. PosteriorLogits.Chunk(_sizes.Classes).SelectMany(Unimix)];
    }

    public void SetStoch(ReadOnlySpan<byte> classes)
    {
        Array.Clear(Stoch);
        for (var group = 0; group < classes.Length; group++)
        {
            Stoch[group * _sizes.Classes + classes[group]] = 1;
        }
    }

    public void SetAction(ReadOnlySpan<float> action)
    {
        for (var i = 0; i < action.Length; i++)
        {
            Action[i] = action[i];
        }
    }

    /// <summary>Logits, or means then standard deviations.</summary>
    public double[] Policy()
    {
        double[] x = [.. Deter, .. Stoch];
        for (var layer = 0; layer < _sizes.PolicyLayers; layer++)
        {
            x = Hidden($"pol/mlp{layer}", x);
        }

        return _environment.Action.Kind == ActionKind.Discrete
            ? Linear("pol/logit", x)
            : [.. Linear("pol/mean", x).Select(Math.Tanh), .. Linear("pol/std", x).Select(value => 0.9 * Sigmoid(value + 2) + 0.1)];
    }

    public double[] Unimix(double[] logits)
    {
        var exponentials = logits.Select(logit => Math.Exp(logit - logits.Max())).ToArray();
        return [.. exponentials.Select(value => 0.99 * value / exponentials.Sum() + 0.01 / logits.Length)];
    }

    private double[] Encode(TimeStep step)
    {
        var vector = new List<double>();
        var images = new List<(byte[] Pixels, int Height, int Width, int Channels)>();
        for (var index = 0; index < step.Observations.Length; index++)
        {
            var tensor = _environment.Observations[index];
            if (tensor.IsImage)
            {
                images.Add((step.Observations[index], tensor.Shape[0], tensor.Shape[1], tensor.Shape[2]));
            }
            else if (tensor.DType == DType.Int32)
            {
                foreach (var value in step.Integers(index))
                {
                    vector.AddRange(Enumerable.Range(0, tensor.Classes).Select(choice => choice == value ? 1.0 : 0.0));
                }
            }
            else
            {
                var values = tensor.DType == DType.UInt8 ? step.Observations[index].Select(value => (float)value) : step.Floats(index).ToArray();
                vector.AddRange(values.Select(value => Math.Sign(value) * Math.Log(1 + Math.Abs((double)value))));
            }
        }

        double[] x = [.. vector];
        for (var layer = 0; layer < _sizes.EncoderLayers && vector.Count > 0; layer++)
        {
            x = Hidden($"enc/mlp{layer}", x);
        }

        return images.Count == 0 ? x : [.. x, .. EncodeImages(images)];
    }

    private double[] EncodeImages(List<(byte[] Pixels, int Height, int Width, int Channels)> images)
    {
        var (height, width) = (images[0].Height, images[0].Width);
        var x = new List<double>();
        for (var pixel = 0; pixel < height * width; pixel++)
        {
            foreach (var image in images)
            {
                x.AddRange(image.Pixels.Skip(pixel * image.Channels).Take(image.Channels).Select(value => value / 255.0 - 0.5));
            }
        }

        var (values, channels) = (x.ToArray(), images.Sum(image => image.Channels));
        for (var stage = 0; stage < 4; stage++)
        {
            var outputs = _sizes.Depth * new[] { 2, 3, 4, 4 }[stage];
            values = Pool(Convolve($"enc/conv{stage}", values, height, width, channels, outputs), height, width, outputs);
            (height, width, channels) = (height / 2, width / 2, outputs);
            values = [.. values.Chunk(channels).SelectMany(pixel => NormSilu($"enc/conv{stage}", pixel))];
        }

        return values;
    }

    private double[] Convolve(string name, double[] x, int height, int width, int inputs, int outputs)
    {
        var (weight, bias) = (_tensors[$"{name}/weight"], _tensors[$"{name}/bias"]);
        var y = new double[height * width * outputs];
        for (var row = 0; row < height; row++)
        {
            for (var column = 0; column < width; column++)
            {
                for (var output = 0; output < outputs; output++)
                {
                    var sum = bias[output];
                    for (var tap = 0; tap < 25; tap++)
                    {
                        var (fromRow, fromColumn) = (row + tap / 5 - 2, column + tap % 5 - 2);
                        for (var input = 0; input < inputs && fromRow >= 0 && fromRow < height && fromColumn >= 0 && fromColumn < width; input++)
                        {
                            sum += weight[(output * inputs + input) * 25 + tap] * x[(fromRow * width + fromColumn) * inputs + input];
                        }
                    }

                    y[(row * width + column) * outputs + output] = sum;
                }
            }
        }

        return y;
    }

    private static double[] Pool(double[] x, int height, int width, int channels)
    {
        var y = new double[height / 2 * (width / 2) * channels];
        for (var i = 0; i < y.Length; i++)
        {
            var (row, column, channel) = (i / channels / (width / 2) * 2, i / channels % (width / 2) * 2, i % channels);
            double At(int down, int right) => x[((row + down) * width + column + right) * channels + channel];
            y[i] = Math.Max(Math.Max(At(0, 0), At(0, 1)), Math.Max(At(1, 0), At(1, 1)));
        }

        return y;
    }

    private double[] Core(double[] x)
    {
        var (blocks, size) = (_sizes.Blocks, _sizes.Deter / _sizes.Blocks);
        var hidden = new double[_sizes.Deter];
        for (var block = 0; block < blocks; block++)
        {
            double[] input = [.. Deter.Skip(block * size).Take(size), .. x];
            BlockLinear("dyn/hid0", block, input, hidden.AsSpan(block * size, size));
        }

        hidden = NormSilu("dyn/hid0", hidden);
        var next = new double[_sizes.Deter];
        var gates = new double[3 * size];
        for (var block = 0; block < blocks; block++)
        {
            BlockLinear("dyn/gru", block, [.. hidden.Skip(block * size).Take(size)], gates);
            for (var i = 0; i < size; i++)
            {
                var candidate = Math.Tanh(Sigmoid(gates[i]) * gates[size + i]);
                var update = Sigmoid(gates[2 * size + i] - 1);
                next[block * size + i] = update * candidate + (1 - update) * Deter[block * size + i];
            }
        }

        return next;
    }

    private void BlockLinear(string name, int block, double[] x, Span<double> y)
    {
        var (weight, bias) = (_tensors[$"{name}/weight"], _tensors[$"{name}/bias"]);
        for (var output = 0; output < y.Length; output++)
        {
            y[output] = bias[block * y.Length + output];
            for (var input = 0; input < x.Length; input++)
            {
                y[output] += x[input] * weight[(block * x.Length + input) * y.Length + output];
            }
        }
    }

    private double[] Hidden(string name, double[] x) => NormSilu(name, Linear(name, x));

    private double[] Linear(string name, double[] x)
    {
        var (weight, bias) = (_tensors[$"{name}/weight"], _tensors[$"{name}/bias"]);
        Assert.Equal(bias.Length * x.Length, weight.Length);
        double[] y = [.. bias];
        for (var i = 0; i < weight.Length; i++)
        {
            y[i / x.Length] += weight[i] * x[i % x.Length];
        }

        return y;
    }

    private double[] NormSilu(string name, double[] x)
    {
        var scale = _tensors[$"{name}/norm"];
        var inverse = 1 / Math.Sqrt(x.Sum(value => value * value) / x.Length + 1e-4);
        return [.. x.Select((value, i) => value * inverse * scale[i]).Select(value => value * Sigmoid(value))];
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
