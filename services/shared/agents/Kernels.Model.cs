using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents;

public static partial class Kernels
{
    /// <summary>
    /// The gates of a block GRU (spec 5.2). Per block, <paramref name="gates"/> holds thirds r, c, u:
    /// h' = h + z (tanh(sigmoid(r) c) - h) with z = sigmoid(u - 1), so the update gate weighs the candidate.
    /// </summary>
    /// <param name="gates">[N, 3D]</param>
    /// <param name="state">[N, D]</param>
    /// <returns>[N, D]; has first-order gradients for both tensors.</returns>
    public static Tensor BlockGru(Tensor gates, Tensor state, int blocks)
    {
        if (!Available || !IsPlain(gates) || !IsPlain(state))
        {
            return BlockGruEager(gates, state, blocks);
        }

        var result = Wrap(dreamer_block_gru(gates.Handle, state.Handle, blocks));
        GC.KeepAlive(gates);
        GC.KeepAlive(state);
        return result;
    }

    /// <summary>What <see cref="BlockGru"/> computes, in eager operations.</summary>
    public static Tensor BlockGruEager(Tensor gates, Tensor state, int blocks)
    {
        var width = state.shape[1] / blocks;
        var thirds = gates.reshape(-1, blocks, 3, width).unbind(2);
        var candidate = (thirds[0].sigmoid() * thirds[1]).tanh();
        var update = (thirds[2] - 1).sigmoid();
        var old = state.reshape(-1, blocks, width);
        return (old + update * (candidate - old)).view(state.shape);
    }

    /// <summary>
    /// A one-hot sample of categoricals mixed with the uniform distribution, by inverse transform, with the straight-through
    /// gradient of the mixed probabilities (spec 5.2).
    /// </summary>
    /// <param name="logits">[..., C]</param>
    /// <param name="uniform">[..., 1] in [0, 1).</param>
    /// <param name="unimix">Share of the uniform distribution.</param>
    /// <returns>[..., C]</returns>
    public static Tensor UnimixSample(Tensor logits, Tensor uniform, double unimix)
    {
        if (!Available || !IsPlain(logits) || !IsPlain(uniform))
        {
            return UnimixSampleEager(logits, uniform, unimix);
        }

        var result = Wrap(dreamer_unimix_sample(logits.Handle, uniform.Handle, unimix));
        GC.KeepAlive(logits);
        GC.KeepAlive(uniform);
        return result;
    }

    /// <summary>What <see cref="UnimixSample"/> computes, in eager operations.</summary>
    public static Tensor UnimixSampleEager(Tensor logits, Tensor uniform, double unimix)
    {
        var classes = logits.shape[^1];
        var probabilities = logits.softmax(-1) * (1 - unimix) + unimix / classes;
        Tensor sample;
        using (no_grad())
        {
            // All but the last class: what rounding leaves over goes to that one.
            var index = probabilities.narrow(-1, 0, classes - 1).cumsum(-1).le(uniform).sum(-1, keepdim: true);
            sample = zeros_like(probabilities).scatter_(-1, index, ones_like(probabilities));
        }

        return probabilities.requires_grad ? sample + (probabilities - probabilities.detach()) : sample;
    }

    /// <summary>
    /// Expected value of categoricals over antisymmetric bins; a bin and its mirror are paired before summing, so that equal
    /// logits give exactly 0. No gradient.
    /// </summary>
    /// <param name="logits">[R, N]</param>
    /// <param name="bins">[N] ascending.</param>
    /// <returns>[R]</returns>
    public static Tensor TwoHotMean(Tensor logits, Tensor bins)
    {
        if (!Available || !IsPlain(logits) || !IsPlain(bins))
        {
            return TwoHotMeanEager(logits, bins);
        }

        var result = Wrap(dreamer_two_hot_mean(logits.Handle, bins.Handle));
        GC.KeepAlive(logits);
        GC.KeepAlive(bins);
        return result;
    }

    /// <summary>What <see cref="TwoHotMean"/> computes, in eager operations.</summary>
    public static Tensor TwoHotMeanEager(Tensor logits, Tensor bins)
    {
        using var noGrad = no_grad();
        var half = bins.shape[0] / 2;
        var probabilities = logits.softmax(-1);
        var pairs = probabilities.narrow(1, half + 1, half) - probabilities.narrow(1, 0, half).flip(1);
        return mm(pairs, bins.narrow(0, half + 1, half).unsqueeze(1)).squeeze(1);
    }

    /// <summary>Cross-entropy of categoricals against K two-hot targets each, summed over the targets.</summary>
    /// <param name="logits">[R, N]</param>
    /// <param name="index">int64 [R, 2K] the bins below and above each target.</param>
    /// <param name="weight">[R, 2K] their shares, which sum to 1 per target.</param>
    /// <returns>[R]; has a first-order gradient for the logits.</returns>
    public static Tensor TwoHotLoss(Tensor logits, Tensor index, Tensor weight)
    {
        if (!Available || !IsPlain(logits) || !IsPlain(weight))
        {
            return TwoHotLossEager(logits, index, weight);
        }

        var result = Wrap(dreamer_two_hot_loss(logits.Handle, index.Handle, weight.Handle));
        GC.KeepAlive(logits);
        GC.KeepAlive(index);
        GC.KeepAlive(weight);
        return result;
    }

    /// <summary>What <see cref="TwoHotLoss"/> computes, in eager operations.</summary>
    public static Tensor TwoHotLossEager(Tensor logits, Tensor index, Tensor weight) =>
        logits.logsumexp(-1) * (index.shape[1] / 2) - (logits.gather(1, index) * weight).sum(1);

    /// <summary>
    /// Adaptive gradient clipping and LaProp (spec 5.6) in one pass over flat buffers, all of them float32 on the CPU.
    /// </summary>
    /// <param name="offsets">Where each parameter starts, and the end of the last.</param>
    /// <param name="rate">Learning rate over 1 - beta1^n.</param>
    /// <param name="correction">1 / (1 - beta2^n)</param>
    /// <returns>False where there is no such kernel: nothing was changed.</returns>
    public static unsafe bool LaProp(
        Tensor parameters, Tensor gradients, Tensor momentum, Tensor meanSquare, ReadOnlySpan<long> offsets,
        double clip, double clipFloor, double rate, double correction, double beta1, double beta2, double epsilon)
    {
        if (!Available || !IsPlain(parameters))
        {
            return false;
        }

        fixed (long* first = offsets)
        {
            if (dreamer_laprop(
                parameters.Handle, gradients.Handle, momentum.Handle, meanSquare.Handle, first, offsets.Length - 1,
                clip, clipFloor, rate, correction, beta1, beta2, epsilon) == 0)
            {
                throw new ExternalException(Marshal.PtrToStringUTF8(dreamer_last_error()));
            }
        }

        GC.KeepAlive(parameters);
        GC.KeepAlive(gradients);
        GC.KeepAlive(momentum);
        GC.KeepAlive(meanSquare);
        return true;
    }

    [LibraryImport(Library)]
    private static partial nint dreamer_block_gru(nint gates, nint state, long blocks);

    [LibraryImport(Library)]
    private static partial nint dreamer_unimix_sample(nint logits, nint uniform, double mix);

    [LibraryImport(Library)]
    private static partial nint dreamer_two_hot_mean(nint logits, nint bins);

    [LibraryImport(Library)]
    private static partial nint dreamer_two_hot_loss(nint logits, nint index, nint weight);

    [LibraryImport(Library)]
    private static unsafe partial int dreamer_laprop(
        nint p, nint g, nint m, nint v, long* offsets, long segments, double clip, double floor,
        double rate, double correction, double beta1, double beta2, double epsilon);
}
