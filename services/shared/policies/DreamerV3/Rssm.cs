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
    private readonly RowBuffer _inputs;
    private readonly RowBuffer _core;
    private readonly RowBuffer _gates;
    private readonly RowBuffer _postHidden;

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
        _inputs = new(slots, 3 * hidden);
        _core = new(slots, deter);
        _gates = new(slots, 3 * deter);
        _postHidden = new(slots, hidden);
    }

    /// <summary>Bytes of weights that one batch reads, columns of the stochastic state for one row.</summary>
    public long Bytes => _deter.Matrix.Bytes + _stochColumns.BytesPerRow + _action.Matrix.Bytes + _hidden.Matrix.Bytes
        + _hiddenBlocks.Concat(_gateBlocks).Sum(matrix => matrix.Bytes) + _post.Matrix.Bytes + _logit.Matrix.Bytes;

    public void Load(PolicyWeights weights)
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

        BFloat16Bits.Unpack(weights["dyn/gru/bias"], _gateBias);
        _post.Load(weights);
        _logit.Load(weights);
    }

    /// <summary>deter' = core(deter, stoch, action).</summary>
    /// <param name="deter">[rows, D], previous.</param>
    /// <param name="stoch">[rows, S] class indices, previous.</param>
    /// <param name="blank">[rows]: the stochastic state is all zeros instead.</param>
    /// <param name="action">[rows, A], previous, already scaled into [-1, 1].</param>
    /// <param name="next">[rows, D], written.</param>
    public void Step(int rows, RowBuffer deter, ReadOnlySpan<byte> stoch, ReadOnlySpan<bool> blank, RowBuffer action, float* next, nint nextStride)
    {
        var (hidden, stride) = (_sizes.Hidden, _inputs.Stride);
        var x0 = _inputs.Pointer;
        _deter.Forward(deter.Pointer, deter.Stride, rows, x0, stride);

        // No matrix here, only the bias: the one-hot state picks columns.
        var x1 = x0 + hidden;
        _stoch.Linear(x0, stride, rows, x1, stride);
        for (var row = 0; row < rows; row++)
        {
            if (!blank[row])
            {
                _stochColumns.Add(stoch.Slice(row * _sizes.Stoch, _sizes.Stoch), x1 + row * stride);
            }
        }

        _stoch.Activate(rows, x1, stride);
        _action.Forward(action.Pointer, action.Stride, rows, x0 + 2 * hidden, stride);

        _hidden.Linear(x0, stride, rows, _core.Pointer, _core.Stride);
        for (var block = 0; block < _sizes.Blocks; block++)
        {
            var column = block * _block;
            _hiddenBlocks[block].Multiply(deter.Pointer + column, deter.Stride, rows, _core.Accumulate(column));
        }

        _hidden.Activate(rows, _core.Pointer, _core.Stride);
        Update(rows, deter, next, nextStride);
    }

    /// <summary>Logits of the posterior from [deter', tokens].</summary>
    /// <param name="logits">[rows, S * C], written, before unimix.</param>
    public void Posterior(int rows, RowBuffer deterAndTokens, RowBuffer logits)
    {
        _post.Forward(deterAndTokens.Pointer, deterAndTokens.Stride, rows, _postHidden.Pointer, _postHidden.Stride);
        _logit.Forward(_postHidden.Pointer, _postHidden.Stride, rows, logits.Pointer, logits.Stride);
    }

    private void Update(int rows, RowBuffer deter, float* next, nint nextStride)
    {
        for (var block = 0; block < _sizes.Blocks; block++)
        {
            var (column, gate) = (block * _block, 3 * block * _block);
            var target = new Target(_gates.Pointer + gate, _gates.Stride, _gateBias.Pointer + gate, 0);
            _gateBlocks[block].Multiply(_core.Pointer + column, _core.Stride, rows, target);
            for (var row = 0; row < rows; row++)
            {
                Elementwise.Gru(
                    target.Move(row, 0).Y, deter.Pointer + row * deter.Stride + column, next + row * nextStride + column, _block);
            }
        }
    }
}
