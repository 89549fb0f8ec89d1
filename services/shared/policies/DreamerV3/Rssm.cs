using Dreamer.Policies.Numerics;

namespace Dreamer.Policies.DreamerV3;

/// <summary>The recurrent state-space model as far as acting needs it: block GRU core and posterior (spec 5.2).</summary>
internal sealed unsafe class Rssm
{
    private readonly DreamerV3Sizes _sizes;
    private readonly int _block;
    private readonly Dense _deter;
    private readonly Dense _stoch;
    private readonly PackedColumns _stochColumns;
    private readonly Dense _action;
    private readonly Dense _hidden;
    private readonly PackedMatrix[] _hiddenBlocks;
    private readonly PackedMatrix[] _gateBlocks;
    private readonly AlignedBuffer<float> _gateBias;
    private readonly Dense _post;
    private readonly Dense _logit;
    private readonly AlignedBuffer<float> _inputs;
    private readonly AlignedBuffer<float> _core;
    private readonly AlignedBuffer<float> _gates;
    private readonly AlignedBuffer<float> _postHidden;

    public Rssm(DreamerV3Sizes sizes, int actionSize, int tokens, int slots)
    {
        var (deter, hidden, stoch) = (sizes.Deter, sizes.Hidden, sizes.Stoch * sizes.Classes);
        (_sizes, _block) = (sizes, deter / sizes.Blocks);
        _deter = new Dense("dyn/deter", hidden, deter);
        _stoch = new Dense("dyn/stoch", hidden, 0);
        _stochColumns = new PackedColumns(hidden, sizes.Stoch, sizes.Classes);
        _action = new Dense("dyn/action", hidden, actionSize);
        // A block sees its own slice of deter and all of [x0, x1, x2]: the second part is one dense matrix for all blocks.
        _hidden = new Dense("dyn/hid0", deter, 3 * hidden);
        _hiddenBlocks = [.. Enumerable.Range(0, sizes.Blocks).Select(_ => new PackedMatrix(_block, _block))];
        _gateBlocks = [.. Enumerable.Range(0, sizes.Blocks).Select(_ => new PackedMatrix(3 * _block, _block))];
        _gateBias = new(3L * deter);
        _post = new Dense("dyn/post0", hidden, deter + tokens);
        _logit = new Dense("dyn/postlogit", stoch, hidden, hidden: false);
        _inputs = new(3L * slots * hidden);
        _core = new((long)slots * deter);
        _gates = new(3L * slots * deter);
        _postHidden = new((long)slots * hidden);
    }

    /// <summary>Bytes of weights that one batch reads, columns of the stochastic state for one row.</summary>
    public long Bytes => _deter.Matrix.Bytes + _stochColumns.BytesPerRow + _action.Matrix.Bytes + _hidden.Matrix.Bytes
        + _hiddenBlocks.Concat(_gateBlocks).Sum(matrix => matrix.Bytes) + _post.Matrix.Bytes + _logit.Matrix.Bytes;

    public void Load(DreamerV3Weights weights)
    {
        _deter.Load(weights);
        _stoch.LoadVectors(weights);
        _stochColumns.Pack(weights["dyn/stoch/weight"], _sizes.Stoch * _sizes.Classes);
        _action.Load(weights);
        _hidden.LoadVectors(weights);
        var hidden = weights["dyn/hid0/weight"];
        var gates = weights["dyn/gru/weight"];
        var blockInputs = _block + 3 * _sizes.Hidden;
        for (var block = 0; block < _sizes.Blocks; block++)
        {
            var source = hidden.Slice(block * blockInputs * _block, blockInputs * _block);
            _hiddenBlocks[block].Pack(source, outputStride: 1, inputStride: _block);
            _hidden.Matrix.PackRows(block * _block, _block, source[(_block * _block)..], outputStride: 1, inputStride: _block);
            _gateBlocks[block].Pack(gates[(block * _block * 3 * _block)..], outputStride: 1, inputStride: 3 * _block);
        }

        Dense.Unpack(weights["dyn/gru/bias"], _gateBias);
        _post.Load(weights);
        _logit.Load(weights);
    }

    /// <summary>deter' = core(deter, stoch, action).</summary>
    /// <param name="deter">[rows, D], previous.</param>
    /// <param name="stoch">[rows, S] class indices, previous.</param>
    /// <param name="blank">[rows]: the stochastic state is all zeros instead.</param>
    /// <param name="action">[rows, A], previous, already scaled into [-1, 1].</param>
    /// <param name="next">[rows, D], written.</param>
    public void Step(int rows, float* deter, ReadOnlySpan<byte> stoch, ReadOnlySpan<bool> blank, float* action, float* next, nint nextStride)
    {
        var (width, hidden) = (_sizes.Deter, _sizes.Hidden);
        var x0 = _inputs.Pointer;
        var stride = 3 * hidden;
        _deter.Forward(deter, width, rows, x0, stride);

        var x1 = x0 + hidden;
        _stoch.Begin(rows, x1, stride);
        for (var row = 0; row < rows; row++)
        {
            if (!blank[row])
            {
                _stochColumns.Add(stoch.Slice(row * _sizes.Stoch, _sizes.Stoch), x1 + row * stride);
            }
        }

        _stoch.End(rows, x1, stride);
        _action.Forward(action, _action.Matrix.Inputs, rows, x0 + 2 * hidden, stride);

        _hidden.Begin(rows, _core.Pointer, width);
        _hidden.Matrix.MultiplyAdd(x0, stride, rows, _core.Pointer, width);
        for (var block = 0; block < _sizes.Blocks; block++)
        {
            _hiddenBlocks[block].MultiplyAdd(deter + block * _block, width, rows, _core.Pointer + block * _block, width);
        }

        _hidden.End(rows, _core.Pointer, width);
        Update(rows, deter, next, nextStride);
    }

    /// <summary>Logits of the posterior from [deter', tokens].</summary>
    /// <param name="logits">[rows, S * C], written, before unimix.</param>
    public void Posterior(int rows, float* deterAndTokens, nint stride, float* logits)
    {
        _post.Forward(deterAndTokens, stride, rows, _postHidden.Pointer, _sizes.Hidden);
        _logit.Forward(_postHidden.Pointer, _sizes.Hidden, rows, logits, _logit.Outputs);
    }

    private void Update(int rows, float* deter, float* next, nint nextStride)
    {
        var width = _sizes.Deter;
        Elementwise.Fill(_gates.Pointer, 3 * width, rows, _gateBias.Span);
        for (var block = 0; block < _sizes.Blocks; block++)
        {
            _gateBlocks[block].MultiplyAdd(_core.Pointer + block * _block, width, rows, _gates.Pointer + block * 3 * _block, 3 * width);
        }

        for (var row = 0; row < rows; row++)
        {
            for (var first = 0; first < width; first += _block)
            {
                Elementwise.Gru(_gates.Pointer + 3 * (row * width + first), deter + row * width + first, next + row * nextStride + first, _block);
            }
        }
    }
}
