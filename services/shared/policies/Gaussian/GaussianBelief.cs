using Dreamer.Policies.Numerics;
using Dreamer.Spaces;

namespace Dreamer.Policies.Gaussian;

/// <summary>
/// What an actor believes about each of its environments: encoder and posterior of a generation with normal latents, with the
/// recurrent state per slot.
/// </summary>
internal sealed unsafe class GaussianBelief
{
    private readonly GaussianNets _nets;
    private readonly ulong _seed;
    private readonly VectorEncoder? _vectors;
    private readonly StridedEncoder? _images;
    private readonly GaussianRssm _rssm;
    private readonly SlotStates _states;
    private readonly RowBuffer _noise;
    private readonly RowBuffer _deterAndTokens;

    public GaussianBelief(EnvironmentSpec environment, GaussianNets nets, int slots, ulong seed, float[] pixels, bool prior)
    {
        (_nets, _seed, _states) = (nets, seed, new SlotStates(environment, nets.Stoch, nets.Deter, slots));
        var layout = new ObservationLayout(environment);
        var tokens = nets.Tokens(layout);
        _vectors = layout.VectorSize > 0 ? new VectorEncoder(
            layout, nets.VectorUnits, nets.VectorLayers, (name, outputs, inputs) => new LinearLayer(name, outputs, inputs, nets.Activation), slots) : null;
        _images = layout.Channels > 0 ? new StridedEncoder(layout, nets.Depth, pixels) : null;
        _rssm = new GaussianRssm(nets, environment.Action.Size, tokens, slots, prior);
        _noise = new(slots, nets.Stoch);
        _deterAndTokens = new(slots, nets.Deter + tokens);
    }

    public int Slots => _states.Slots;

    /// <summary>[rows, S + D] of the newest <see cref="Observe"/>: stoch, then deter.</summary>
    public RowBuffer Features => _states.Features;

    /// <summary>[rows, 2S] what stoch was drawn from: means, then standard deviations before their bound.</summary>
    public RowBuffer Normal => _rssm.Normal;

    /// <summary>Bytes of weights that one batch reads.</summary>
    public long WeightBytes => _rssm.PosteriorBytes + (_vectors?.Bytes ?? 0) + (_images?.Bytes ?? 0);

    /// <summary>Multiplications and additions per step, counted as one.</summary>
    public long MultiplyAdds => (WeightBytes - (_images?.Bytes ?? 0)) / sizeof(ushort) + (_images?.MultiplyAdds ?? 0);

    public void Load(PolicyWeights weights)
    {
        _vectors?.Load(weights);
        _images?.Load(weights);
        _rssm.Load(weights);
    }

    /// <summary>A number of the slot's own sequence of draws; the caller may draw from it in streams above the slots'.</summary>
    public ulong NextDraw(int slot) => _states.NextDraw(slot);

    /// <summary>Advances the states of the slots by what their environments show; the result lies in <see cref="Features"/>.</summary>
    public void Observe(ReadOnlySpan<int> slots, ReadOnlySpan<TimeStep> steps)
    {
        var (rows, deter) = (slots.Length, _nets.Deter);
        _states.Gather(slots, steps);
        for (var row = 0; row < rows; row++)
        {
            CounterRandom.FillNormal(_seed, (uint)slots[row], NextDraw(slots[row]), _noise.Row(row));
        }

        _rssm.Step(rows, _states.Input, _states.Deter.Pointer, _states.Deter.Stride, _deterAndTokens.Pointer, _deterAndTokens.Stride);
        _vectors?.Encode(steps, _deterAndTokens.Pointer + deter, _deterAndTokens.Stride);
        _images?.Encode(steps, _deterAndTokens.Pointer + _deterAndTokens.Width - StridedEncoder.Outputs(_nets.Depth), _deterAndTokens.Stride);
        _rssm.Posterior(rows, _deterAndTokens, _noise, Features.Pointer, Features.Stride);
        for (var row = 0; row < rows; row++)
        {
            _deterAndTokens.Row(row)[..deter].CopyTo(Features.Row(row)[_nets.Stoch..]);
        }
    }

    /// <summary>Keeps the states and the chosen actions for the next step.</summary>
    public void Remember(ReadOnlySpan<int> slots, ReadOnlySpan<float> actions) => _states.Remember(slots, actions);

    /// <exception cref="ArgumentException">Lengths, slots or environments do not fit.</exception>
    public void Check(ReadOnlySpan<int> slots, ReadOnlySpan<TimeStep> steps, ReadOnlySpan<float> actions) => _states.Check(slots, steps, actions);
}
