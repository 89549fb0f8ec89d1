using Dreamer.Policies.Gaussian;
using Dreamer.Policies.Numerics;

namespace Dreamer.Policies.DreamerV2;

/// <summary>The recurrent state-space model as far as acting needs it: the recurrence and the posterior (spec 4.1).</summary>
internal sealed unsafe class LatentRssm
{
    private readonly DreamerV2Sizes _sizes;
    private readonly LinearLayer _input;
    private readonly LinearLayer _gates;
    private readonly LinearLayer _post;
    private readonly LinearLayer _postState;
    private readonly RowBuffer _inputs;
    private readonly RowBuffer _thirds;
    private readonly RowBuffer _hidden;
    private readonly float[] _logits;
    private readonly byte[] _drawn;

    public LatentRssm(DreamerV2Sizes sizes, int actions, int tokens, int slots)
    {
        _sizes = sizes;
        var (deter, hidden, norm) = (sizes.Deter, sizes.Hidden, sizes.LayerNorm);
        _input = new LinearLayer("rssm/input", hidden, sizes.StochWidth + actions, Activation.Elu, norm);
        _gates = new LinearLayer("rssm/gru/gates", 3 * deter, hidden + deter, normalise: true);
        _post = new LinearLayer("rssm/post", hidden, deter + tokens, Activation.Elu, norm);
        _postState = new LinearLayer("rssm/post_state", sizes.StochParameters, hidden);
        _inputs = new(slots, hidden + deter);
        _thirds = new(slots, 3 * deter);
        _hidden = new(slots, hidden);
        Distribution = new(slots, sizes.StochParameters);
        (_logits, _drawn) = (new float[sizes.StochParameters], new byte[sizes.Stoch]);
    }

    /// <summary>[rows, P] of the newest posterior: logits, or means and standard deviations before their bound.</summary>
    public RowBuffer Distribution { get; }

    /// <summary>Bytes of weights that one step reads.</summary>
    public long Bytes => _input.Matrix.Bytes + _gates.Matrix.Bytes + _post.Matrix.Bytes + _postState.Matrix.Bytes;

    public void Load(PolicyWeights weights)
    {
        _input.Load(weights);
        _gates.Load(weights);
        _post.Load(weights);
        _postState.Load(weights);
    }

    /// <summary>deter' = GRU(elu(W [stoch, action]), deter).</summary>
    /// <param name="stochAction">[rows, S + A]</param>
    /// <param name="deter">[rows, D]</param>
    /// <param name="next">[rows, D or more], written.</param>
    public void Step(int rows, RowBuffer stochAction, RowBuffer deter, RowBuffer next)
    {
        _input.Forward(stochAction, rows, _inputs);
        for (var row = 0; row < rows; row++)
        {
            deter.Row(row).CopyTo(_inputs.Row(row)[_sizes.Hidden..]);
        }

        _gates.Forward(_inputs, rows, _thirds);
        for (var row = 0; row < rows; row++)
        {
            Elementwise.Gru(
                _thirds.Pointer + row * _thirds.Stride, deter.Pointer + row * deter.Stride, next.Pointer + row * next.Stride, _sizes.Deter);
        }

        GC.KeepAlive(this);
    }

    /// <summary>The distribution of the state given [deter', tokens].</summary>
    public void Posterior(int rows, RowBuffer deterAndTokens)
    {
        _post.Forward(deterAndTokens, rows, _hidden);
        _postState.Forward(_hidden, rows, Distribution);
    }

    /// <summary>Draws the state of one row from its posterior.</summary>
    /// <param name="stoch">[S or more], written.</param>
    public void Sample(int row, ulong seed, uint stream, ulong draw, Span<float> stoch)
    {
        var count = _sizes.Stoch;
        var distribution = Distribution.Row(row);
        Span<float> noise = stackalloc float[count];
        if (_sizes.Classes == 0)
        {
            CounterRandom.FillNormal(seed, stream, draw, noise);
            for (var i = 0; i < count; i++)
            {
                stoch[i] = distribution[i] + BoundedStd(distribution[count + i]) * noise[i];
            }

            return;
        }

        CounterRandom.Fill(seed, stream, draw, noise);
        distribution.CopyTo(_logits);
        Categorical.Sample(_logits, _sizes.Classes, unimix: 0, noise, _drawn);
        stoch[.._sizes.StochWidth].Clear();
        for (var i = 0; i < count; i++)
        {
            stoch[i * _sizes.Classes + _drawn[i]] = 1;
        }
    }

    /// <summary>2 sigmoid(x / 2) + 0.1.</summary>
    public static float BoundedStd(float x) => 2 * Elementwise.Sigmoid(x / 2) + 0.1f;
}
