using Dreamer.Policies.Numerics;
using Dreamer.Spaces;

namespace Dreamer.Policies.DreamerV3;

/// <summary>
/// Images -> four stages of 5x5 convolution, 2x2 max pooling, RMSNorm over channels, SiLU (spec 5.3). One image at a time: two rows of a
/// stage's output stay in the first-level cache until they are pooled, and nothing is unrolled to columns.
/// </summary>
internal sealed unsafe class ImageEncoder
{
    private const int Border = DreamerV3Format.Kernel / 2;

    private readonly ObservationLayout _layout;
    private readonly Stage[] _stages;
    private readonly float[] _pixels = [.. Enumerable.Range(0, 256).Select(value => value / 255f - 0.5f)];

    public ImageEncoder(ObservationLayout layout, DreamerV3Sizes sizes)
    {
        _layout = layout;
        _stages = new Stage[DreamerV3Format.StageMultipliers.Length];
        var (height, width, channels) = (layout.Height, layout.ImageWidth, layout.Channels);
        for (var stage = 0; stage < _stages.Length; stage++)
        {
            var outputs = sizes.Depth * DreamerV3Format.StageMultipliers[stage];
            _stages[stage] = new Stage($"enc/conv{stage}", height, width, channels, outputs);
            (height, width, channels) = (height / 2, width / 2, outputs);
        }

        Size = height * width * channels;
    }

    /// <summary>Values per image: [h, w, c] of the last stage.</summary>
    public int Size { get; }

    /// <summary>Bytes of weights that one image reads.</summary>
    public long Bytes => _stages.Sum(stage => stage.Matrix.Bytes);

    /// <summary>Multiplications and additions per image, counted as one.</summary>
    public long MultiplyAdds => _stages.Sum(stage => stage.MultiplyAdds);

    public void Load(PolicyWeights weights)
    {
        foreach (var stage in _stages)
        {
            stage.Load(weights);
        }
    }

    /// <summary>Writes [steps, Size].</summary>
    public void Encode(ReadOnlySpan<TimeStep> steps, float* tokens, nint stride)
    {
        for (var i = 0; i < steps.Length; i++)
        {
            WritePixels(steps[i]);
            for (var stage = 0; stage < _stages.Length; stage++)
            {
                if (stage + 1 < _stages.Length)
                {
                    var next = _stages[stage + 1];
                    _stages[stage].Forward(next.Inside, next.RowStride);
                }
                else
                {
                    _stages[stage].Forward(tokens + i * stride, _stages[stage].PooledRow);
                }
            }
        }
    }

    private void WritePixels(TimeStep step)
    {
        var first = 0;
        foreach (var index in _layout.Images)
        {
            ReadOnlySpan<byte> image = step.Observations[index];
            var channels = _layout.Environment.Observations[index].Shape[2];
            for (var row = 0; row < _layout.Height; row++)
            {
                var into = _stages[0].Inside + row * _stages[0].RowStride + first;
                var from = image.Slice(row * _layout.ImageWidth * channels, _layout.ImageWidth * channels);
                for (var source = 0; source < from.Length; into += _layout.Channels)
                {
                    for (var channel = 0; channel < channels; channel++)
                    {
                        into[channel] = _pixels[from[source++]];
                    }
                }
            }

            first += channels;
        }
    }

    /// <summary>One convolution with what follows it; owns its zero-bordered input.</summary>
    private sealed class Stage(string name, int height, int width, int inputs, int outputs)
    {
        private readonly AlignedBuffer<float> _input = new((long)(height + 2 * Border) * (width + 2 * Border) * inputs);
        private readonly AlignedBuffer<float> _rows = new(2L * width * outputs);
        private readonly AlignedBuffer<float> _bias = new(outputs);
        private readonly AlignedBuffer<float> _norm = new(outputs);

        public PackedMatrix Matrix { get; } = new(outputs, DreamerV3Format.Kernel * inputs, DreamerV3Format.Kernel);

        public nint RowStride => (nint)(width + 2 * Border) * inputs;

        /// <summary>First value inside the border.</summary>
        public float* Inside => _input.Pointer + Border * RowStride + Border * inputs;

        public int PooledRow => width / 2 * outputs;

        public long MultiplyAdds => (long)height * width * outputs * inputs * DreamerV3Format.Kernel * DreamerV3Format.Kernel;

        public void Load(PolicyWeights weights)
        {
            // [out, in, ky, kx] -> [out, ky, kx, in]: for one ky, the five pixels of a patch and their channels are contiguous.
            const int kernel = DreamerV3Format.Kernel;
            var source = weights[$"{name}/weight"];
            var ordered = new ushort[source.Length];
            var patch = kernel * kernel;
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

            Matrix.Pack(ordered, patch * inputs, 1, kernel * inputs);
            BFloat16Bits.Unpack(weights[$"{name}/bias"], _bias);
            BFloat16Bits.Unpack(weights[$"{name}/norm"], _norm);
        }

        /// <summary>Writes [height / 2, width / 2, outputs] with a stride between rows.</summary>
        public void Forward(float* into, nint intoStride)
        {
            var lower = _rows.Pointer + width * outputs;
            for (var y = 0; y < height; y += 2, into += intoStride)
            {
                var patch = _input.Pointer + y * RowStride;
                Matrix.Multiply(patch, inputs, width, new Target(_rows.Pointer, outputs, _bias.Pointer, 0), RowStride);
                Matrix.Multiply(patch + RowStride, inputs, width, new Target(lower, outputs, _bias.Pointer, 0), RowStride);
                Elementwise.MaxPool(_rows.Pointer, lower, into, width / 2, outputs);
                Elementwise.NormSilu(into, outputs, width / 2, outputs, _norm.Pointer);
            }
        }
    }
}
