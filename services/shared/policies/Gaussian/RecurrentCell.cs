using Dreamer.Policies.Numerics;

namespace Dreamer.Policies.Gaussian;

/// <summary>The GRU of PlaNet or that of Dreamer (spec 2.1, 3.1), over rows.</summary>
internal sealed unsafe class RecurrentCell
{
    private readonly int _deter;
    private readonly int _hidden;
    private readonly bool _keras;
    private readonly LinearLayer _first;
    private readonly LinearLayer _second;
    private readonly RowBuffer _inputs;
    private readonly RowBuffer _gates;
    private readonly RowBuffer _more;

    public RecurrentCell(GaussianNets nets, int capacity)
    {
        (_deter, _hidden, _keras) = (nets.Deter, nets.Hidden, nets.KerasCell);
        if (_keras)
        {
            _first = new LinearLayer("rssm/gru/kernel", 3 * _deter, _hidden);
            _second = new LinearLayer("rssm/gru/recurrent", 3 * _deter, _deter);
        }
        else
        {
            _first = new LinearLayer("rssm/gru/gates", 2 * _deter, _hidden + _deter);
            _second = new LinearLayer("rssm/gru/candidate", _deter, _hidden + _deter);
        }

        // The block cell multiplies [input, state] and then [input, reset * state]: one buffer holds them one after the other.
        _inputs = new(capacity, _hidden + (_keras ? 0 : _deter));
        _gates = new(capacity, _first.Outputs);
        _more = new(capacity, _second.Outputs);
    }

    public long Bytes => _first.Matrix.Bytes + _second.Matrix.Bytes;

    /// <summary>[rows, H] to be written before <see cref="Step"/>.</summary>
    public float* Input => _inputs.Pointer;

    public nint InputStride => _inputs.Stride;

    public void Load(PolicyWeights weights)
    {
        _first.Load(weights);
        _second.Load(weights);
    }

    public void Step(int rows, float* deter, nint deterStride, float* next, nint nextStride)
    {
        if (_keras)
        {
            _first.Forward(_inputs, rows, _gates);
            _second.Forward(deter, deterStride, rows, _more.Pointer, _more.Stride);
            for (var row = 0; row < rows; row++)
            {
                Gates.Gru(
                    _gates.Pointer + row * _gates.Stride, _more.Pointer + row * _more.Stride, deter + row * deterStride, next + row * nextStride, _deter);
            }
        }
        else
        {
            StepBlock(rows, deter, deterStride, next, nextStride);
        }

        GC.KeepAlive(this);
    }

    private void StepBlock(int rows, float* deter, nint deterStride, float* next, nint nextStride)
    {
        var state = _inputs.Pointer + _hidden;
        for (var row = 0; row < rows; row++)
        {
            new ReadOnlySpan<float>(deter + row * deterStride, _deter).CopyTo(new Span<float>(state + row * _inputs.Stride, _deter));
        }

        // Halves r, u.
        _first.Forward(_inputs, rows, _gates);
        for (var row = 0; row < rows; row++)
        {
            Gates.Reset(_gates.Pointer + row * _gates.Stride, deter + row * deterStride, state + row * _inputs.Stride, _deter);
        }

        _second.Forward(_inputs, rows, _more);
        for (var row = 0; row < rows; row++)
        {
            Gates.Update(
                _gates.Pointer + row * _gates.Stride + _deter, _more.Pointer + row * _more.Stride, deter + row * deterStride, next + row * nextStride, _deter);
        }
    }
}
