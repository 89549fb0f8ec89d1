using Dreamer.Policies.Numerics;

namespace Dreamer.Policies.Gaussian;

/// <summary>
/// The recurrent state-space model with normal latents, over up to <c>capacity</c> rows at once: slots of an actor, or candidates of
/// a planner (spec 2.1, 3.1).
/// </summary>
internal sealed unsafe class GaussianRssm
{
    /// <summary>Smallest standard deviation of the latent state.</summary>
    public const float LowestStd = 0.1f;

    private readonly GaussianNets _nets;
    private readonly LinearLayer _input;
    private readonly RecurrentCell _cell;
    private readonly LinearLayer? _prior;
    private readonly LinearLayer? _priorState;
    private readonly LinearLayer _post;
    private readonly LinearLayer _postState;
    private readonly RowBuffer _hidden;
    private readonly RowBuffer _normal;

    /// <param name="prior">Whether the prior is needed, too.</param>
    public GaussianRssm(GaussianNets nets, int actions, int tokens, int capacity, bool prior)
    {
        _nets = nets;
        var (deter, stoch, hidden) = (nets.Deter, nets.Stoch, nets.Hidden);
        _input = new LinearLayer("rssm/input", hidden, stoch + actions, nets.Activation);
        _cell = new RecurrentCell(nets, capacity);
        _prior = prior ? new LinearLayer("rssm/prior", hidden, deter, nets.Activation) : null;
        _priorState = prior ? new LinearLayer("rssm/prior_state", 2 * stoch, hidden) : null;
        _post = new LinearLayer("rssm/post", hidden, deter + tokens, nets.Activation);
        _postState = new LinearLayer("rssm/post_state", 2 * stoch, hidden);
        _hidden = new(capacity, hidden);
        _normal = new(capacity, 2 * stoch);
    }

    /// <summary>[rows, 2S] means, then standard deviations before their bound, of the newest prior or posterior.</summary>
    public RowBuffer Normal => _normal;

    /// <summary>Bytes of weights that one step to the posterior reads.</summary>
    public long PosteriorBytes => StepBytes + _post.Matrix.Bytes + _postState.Matrix.Bytes;

    /// <summary>Bytes of weights that one step to the prior reads.</summary>
    public long PriorBytes => StepBytes + (_prior?.Matrix.Bytes ?? 0) + (_priorState?.Matrix.Bytes ?? 0);

    private long StepBytes => _input.Matrix.Bytes + _cell.Bytes;

    public void Load(PolicyWeights weights)
    {
        _input.Load(weights);
        _cell.Load(weights);
        _prior?.Load(weights);
        _priorState?.Load(weights);
        _post.Load(weights);
        _postState.Load(weights);
    }

    /// <summary>deter' = GRU(act(W [stoch, action]), deter).</summary>
    /// <param name="stochAction">[rows, S + A]</param>
    /// <param name="deter">[rows, D]</param>
    /// <param name="next">[rows, D], written; may be the same memory as <paramref name="deter"/>.</param>
    public void Step(int rows, RowBuffer stochAction, float* deter, nint deterStride, float* next, nint nextStride)
    {
        _input.Forward(stochAction.Pointer, stochAction.Stride, rows, _cell.Input, _cell.InputStride);
        _cell.Step(rows, deter, deterStride, next, nextStride);
    }

    /// <summary>The state given [deter', tokens], sampled.</summary>
    /// <param name="noise">[rows, S] standard normal.</param>
    /// <param name="stoch">[rows, S], written.</param>
    public void Posterior(int rows, RowBuffer deterAndTokens, RowBuffer noise, float* stoch, nint stochStride)
    {
        _post.Forward(deterAndTokens, rows, _hidden);
        _postState.Forward(_hidden, rows, _normal);
        Sample(rows, noise, stoch, stochStride);
    }

    /// <summary>The state given deter' alone, sampled.</summary>
    public void Prior(int rows, float* deter, nint deterStride, RowBuffer noise, float* stoch, nint stochStride)
    {
        _prior!.Forward(deter, deterStride, rows, _hidden.Pointer, _hidden.Stride);
        _priorState!.Forward(_hidden, rows, _normal);
        Sample(rows, noise, stoch, stochStride);
    }

    private void Sample(int rows, RowBuffer noise, float* stoch, nint stride)
    {
        for (var row = 0; row < rows; row++)
        {
            var mean = _normal.Pointer + row * _normal.Stride;
            Gates.Sample(mean, mean + _nets.Stoch, noise.Pointer + row * noise.Stride, LowestStd, stoch + row * stride, _nets.Stoch);
        }

        GC.KeepAlive(this);
    }
}
