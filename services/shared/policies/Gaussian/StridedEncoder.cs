using Dreamer.Policies.Numerics;
using Dreamer.Spaces;

namespace Dreamer.Policies.Gaussian;

/// <summary>
/// Images -> four 4x4 convolutions with stride 2, without padding (spec 2.1, 4.1). One image at a time; a window of four rows is walked
/// in place, so nothing is unrolled to columns.
/// </summary>
internal sealed unsafe class StridedEncoder
{
    public const int Stages = 4;
    public const int Kernel = 4;

    private readonly ObservationLayout _layout;
    private readonly Stage[] _stages;
    private readonly float[] _pixels;

    /// <param name="pixels">[256] what each byte value is to the network.</param>
    /// <param name="activation">After each convolution.</param>
    /// <param name="normalise">Whether a layer norm over the channels stands between them.</param>
    public StridedEncoder(ObservationLayout layout, int depth, float[] pixels, Activation activation = Activation.Relu, bool normalise = false)
    {
        (_layout, _pixels) = (layout, pixels);
        _stages = new Stage[Stages];
        var (size, channels) = (layout.Height, layout.Channels);
        for (var i = 0; i < Stages; i++)
        {
            _stages[i] = new Stage($"enc/conv{i}", size, channels, depth << i, activation, normalise);
            (size, channels) = (_stages[i].OutputSize, depth << i);
        }
    }

    /// <summary>Bytes of weights that one image reads.</summary>
    public long Bytes => _stages.Sum(stage => stage.Matrix.Bytes);

    /// <summary>Multiplications and additions per image, counted as one.</summary>
    public long MultiplyAdds => _stages.Sum(stage => stage.MultiplyAdds);

    /// <summary>Values per 64x64 image: [2, 2, 8 depth].</summary>
    public static int Outputs(int depth) => 2 * 2 * 8 * depth;

    public void Load(PolicyWeights weights)
    {
        foreach (var stage in _stages)
        {
            stage.Load(weights);
        }
    }

    /// <summary>Writes [steps, <see cref="Outputs"/>].</summary>
    public void Encode(ReadOnlySpan<TimeStep> steps, float* tokens, nint stride)
    {
        for (var i = 0; i < steps.Length; i++)
        {
            WritePixels(steps[i], _stages[0].Input);
            for (var stage = 0; stage < Stages; stage++)
            {
                _stages[stage].Forward(stage + 1 < Stages ? _stages[stage + 1].Input.Pointer : tokens + i * stride);
            }
        }
    }

    private void WritePixels(TimeStep step, AlignedBuffer<float> into)
    {
        var first = 0;
        foreach (var index in _layout.Images)
        {
            ReadOnlySpan<byte> image = step.Observations[index];
            var channels = _layout.Environment.Observations[index].Shape[2];
            var to = into.Span[first..];
            for (int pixel = 0, at = 0; pixel < image.Length; pixel += channels, at += _layout.Channels)
            {
                for (var channel = 0; channel < channels; channel++)
                {
                    to[at + channel] = _pixels[image[pixel + channel]];
                }
            }

            first += channels;
        }
    }

    /// <summary>One convolution with its activation; owns its input [size, size, inputs].</summary>
    private sealed class Stage(string name, int size, int inputs, int outputs, Activation activation, bool normalise)
    {
        private readonly AlignedBuffer<float> _bias = new(outputs);
        private readonly LayerNorm? _norm = normalise ? new($"{name}/norm", outputs) : null;

        public AlignedBuffer<float> Input { get; } = new((long)size * size * inputs);

        public PackedMatrix Matrix { get; } = new(outputs, Kernel * inputs, Kernel);

        public int OutputSize => (size - Kernel) / 2 + 1;

        public long MultiplyAdds => (long)OutputSize * OutputSize * outputs * inputs * Kernel * Kernel;

        public void Load(PolicyWeights weights)
        {
            // [out, in, ky, kx] -> [out, ky, kx, in]: for one ky, the four pixels of a patch and their channels are contiguous.
            const int patch = Kernel * Kernel;
            var source = weights[$"{name}/weight"];
            var ordered = new ushort[source.Length];
            for (var output = 0; output < outputs; output++)
            {
                for (var input = 0; input < inputs; input++)
                {
                    for (var position = 0; position < patch; position++)
                    {
                        ordered[(output * patch + position) * inputs + input] = source[(output * inputs + input) * patch + position];
                    }
                }
            }

            Matrix.Pack(ordered, patch * inputs, 1, Kernel * inputs);
            BFloat16Bits.Unpack(weights[$"{name}/bias"], _bias);
            _norm?.Load(weights);
        }

        /// <summary>Writes [<see cref="OutputSize"/>, <see cref="OutputSize"/>, outputs].</summary>
        public void Forward(float* into)
        {
            var (side, row) = (OutputSize, (nint)size * inputs);
            for (var y = 0; y < side; y++)
            {
                var target = new Target(into + (nint)y * side * outputs, outputs, _bias.Pointer, 0);
                Matrix.Multiply(Input.Pointer + 2 * y * row, 2 * inputs, side, target, row);
            }

            _norm?.Apply(into, outputs, side * side);
            activation.Apply(into, 0, 1, side * side * outputs);
            GC.KeepAlive(this);
        }
    }
}
