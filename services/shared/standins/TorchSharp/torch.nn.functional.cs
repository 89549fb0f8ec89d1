namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public enum Reduction : long { None = 0, Mean = 1, Sum = 2 }

        /// <summary>The stateless functions of networks.</summary>
        public static partial class functional
        {
            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) => Ops.linear.Call(input, weights, bias);
            public static Tensor conv2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? dilation = null, long groups = 1) => Ops.conv2d.Call(input, weight, bias, strides ?? [1, 1], padding ?? [0, 0], dilation ?? [1, 1], groups);
            public static Tensor conv_transpose2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? output_padding = null, long[]? dilation = null, long groups = 1) => Ops.conv_transpose2d_input.Call(input, weight, bias, strides ?? [1, 1], padding ?? [0, 0], output_padding ?? [0, 0], groups, dilation ?? [1, 1]);
            public static Tensor max_pool2d(Tensor input, long[] kernel_size, long[]? strides = null, long[]? padding = null, long[]? dilation = null, bool ceil_mode = false) => Ops.max_pool2d.Call(input, kernel_size, strides ?? kernel_size, padding ?? [0, 0], dilation ?? [1, 1], ceil_mode);
            public static Tensor max_pool2d(Tensor input, long kernel_size, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false) => max_pool2d(input, Square(kernel_size), Square(stride ?? kernel_size), Square(padding ?? 0), Square(dilation ?? 1), ceil_mode);
            public static Tensor avg_pool2d(Tensor input, long[] kernel_size, long[]? stride = null, long[]? padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) => Ops.avg_pool2d.Call(input, kernel_size, stride ?? kernel_size, padding ?? [0, 0], ceil_mode, count_include_pad, divisor_override);
            public static Tensor layer_norm(Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5) => Ops.layer_norm.Call(input, normalized_shape, weight, bias, eps);
            public static Tensor group_norm(Tensor input, long num_groups, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5) => Ops.group_norm.Call(input, num_groups, weight, bias, eps);
            public static Tensor binary_cross_entropy_with_logits(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean, Tensor? pos_weights = null) => Ops.binary_cross_entropy_with_logits.Call(input, target, weight, pos_weights, (long)reduction);
            public static Tensor cross_entropy(Tensor input, Tensor target, Tensor? weight = null, long ignore_index = -100, Reduction reduction = Reduction.Mean, double label_smoothing = 0) => Ops.cross_entropy_loss.Call(input, target, weight, (long)reduction, ignore_index, label_smoothing);
            public static Tensor mse_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) => Ops.mse_loss.Call(input, target, (long)reduction);
            public static Tensor l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) => Ops.l1_loss.Call(input, target, (long)reduction);
            public static Tensor smooth_l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean, double beta = 1) => Ops.smooth_l1_loss.Call(input, target, (long)reduction, beta);
            public static Tensor nll_loss(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean) => Ops.nll_loss_nd.Call(input, target, weight, (long)reduction);
            public static Tensor one_hot(Tensor x, long num_classes = -1) => Ops.one_hot.Call(x, num_classes);
            public static Tensor silu(Tensor x, bool inplace = false) => inplace ? x.silu_() : x.silu();
            public static Tensor relu(Tensor x, bool inplace = false) => inplace ? x.relu_() : x.relu();
            public static Tensor elu(Tensor x, double alpha, bool inplace = false) => inplace ? Ops.elu_.InPlace(x, alpha) : Ops.elu.Call(x, alpha);
            public static Tensor gelu(Tensor x) => x.gelu();
            public static Tensor leaky_relu(Tensor input, double negative_slope = 0.01, bool inplace = false) => inplace ? Ops.leaky_relu_.InPlace(input, negative_slope) : Ops.leaky_relu.Call(input, negative_slope);
            public static Tensor softplus(Tensor x, double beta = 1, double threshold = 20) => x.softplus(beta, threshold);
            public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);
            public static Tensor log_softmax(Tensor x, long dim) => x.log_softmax(dim);
            public static Tensor logsigmoid(Tensor x) => x.log_sigmoid();
            public static Tensor sigmoid(Tensor x) => x.sigmoid();
            public static Tensor tanh(Tensor x, bool inplace = false) => inplace ? x.tanh_() : x.tanh();
            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false) => inplace ? Ops.dropout_.InPlace(input, p, training) : Ops.dropout.Call(input, p, training);
            public static Tensor pixel_shuffle(Tensor input, long upscale_factor) => Ops.pixel_shuffle.Call(input, upscale_factor);

            /// <summary>Images [N, C, H, W] to another size, by <paramref name="size"/> or <paramref name="scale_factor"/>; nearest or bilinear.</summary>
            public static Tensor interpolate(Tensor x, long[]? size = null, double[]? scale_factor = null, InterpolationMode mode = InterpolationMode.Nearest, bool? align_corners = null, bool recompute_scale_factor = false, bool antialias = false) => mode switch
            {
                InterpolationMode.Nearest when x.ndim == 4 && !antialias => Ops.upsample_nearest2d_vec.Call(x, size, scale_factor),
                InterpolationMode.Bilinear when x.ndim == 4 && !antialias => Ops.upsample_bilinear2d_vec.Call(x, size, align_corners ?? false, scale_factor),
                _ => throw new NotSupportedException($"interpolate: {mode} of {x.ndim} axes is not supported here; use Nearest or Bilinear on [N, C, H, W]."),
            };

            /// <summary>Adds <paramref name="pad"/> elements, last axis first, before and after.</summary>
            public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0) => mode switch
            {
                PaddingModes.Constant => Ops.constant_pad_nd.Call(input, pad, value),
                PaddingModes.Zeros => Ops.constant_pad_nd.Call(input, pad, 0.0),
                PaddingModes.Reflect when pad.Length == 4 => Ops.reflection_pad2d.Call(input, pad),
                PaddingModes.Replicate when pad.Length == 4 => Ops.replication_pad2d.Call(input, pad),
                _ => throw new NotSupportedException($"pad: {mode} with {pad.Length} numbers is not supported here."),
            };

            private static long[] Square(long side) => [side, side];
        }
    }
}
