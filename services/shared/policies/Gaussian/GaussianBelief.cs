using Dreamer.Policies.Numerics;
using Dreamer.Spaces;

namespace Dreamer.Policies.Gaussian;

/// <summary>
/// What an actor believes about each of its environments: encoder and posterior of a generation with normal latents, with the
/// recurrent state per slot.
/// </summary>
internal sealed unsafe class GaussianBelief
{
    private readonly EnvironmentSpec _environment;
    private readonly GaussianNets _nets;
    private readonly ulong _seed;
    private readonly VectorEncoder? _vectors;
    private readonly StridedEncoder? _images;
    private readonly GaussianRssm _rssm;

    // One row per slot: [stoch, action] and deter.
    private readonly RowBuffer _slotInput;
    private readonly RowBuffer _slotDeter;
    private readonly bool[] _started;
    private readonly ulong[] _draws;

    // One row per entry of the batch.
    private readonly RowBuffer _input;
    private readonly RowBuffer _deter;
    private readonly RowBuffer _noise;
    private readonly RowBuffer _deterAndTokens;

    public GaussianBelief(EnvironmentSpec environment, GaussianNets nets, int slots, ulong seed, float[] pixels, bool prior)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(slots);
        (_environment, _nets, _seed, Slots) = (environment, nets, seed, slots);
        var layout = new ObservationLayout(environment);
        var (tokens, actions) = (nets.Tokens(layout), environment.Action.Size);
        _vectors = layout.VectorSize > 0 ? new VectorEncoder(layout, nets, slots) : null;
        _images = layout.Channels > 0 ? new StridedEncoder(layout, nets.Depth, pixels) : null;
        _rssm = new GaussianRssm(nets, actions, tokens, slots, prior);
        _slotInput = new(slots, nets.Stoch + actions);
        _slotDeter = new(slots, nets.Deter);
        _started = new bool[slots];
        _draws = new ulong[slots];
        _input = new(slots, nets.Stoch + actions);
        _deter = new(slots, nets.Deter);
        _noise = new(slots, nets.Stoch);
        _deterAndTokens = new(slots, nets.Deter + tokens);
        Features = new(slots, nets.Stoch + nets.Deter);
    }

    public int Slots { get; }

    /// <summary>[rows, S + D] of the newest <see cref="Observe"/>: stoch, then deter.</summary>
    public RowBuffer Features { get; }

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
    public ulong NextDraw(int slot) => _draws[slot]++;

    /// <summary>Advances the states of the slots by what their environments show; the result lies in <see cref="Features"/>.</summary>
    public void Observe(ReadOnlySpan<int> slots, ReadOnlySpan<TimeStep> steps)
    {
        var (rows, stoch, deter) = (slots.Length, _nets.Stoch, _nets.Deter);
        for (var row = 0; row < rows; row++)
        {
            var slot = slots[row];
            if (steps[row].IsFirst || !_started[slot])
            {
                _input.Row(row).Clear();
                _deter.Row(row).Clear();
            }
            else
            {
                _slotInput.Row(slot).CopyTo(_input.Row(row));
                _slotDeter.Row(slot).CopyTo(_deter.Row(row));
            }

            CounterRandom.FillNormal(_seed, (uint)slot, NextDraw(slot), _noise.Row(row));
        }

        _rssm.Step(rows, _input, _deter.Pointer, _deter.Stride, _deterAndTokens.Pointer, _deterAndTokens.Stride);
        _vectors?.Encode(steps, _deterAndTokens.Pointer + deter, _deterAndTokens.Stride);
        _images?.Encode(steps, _deterAndTokens.Pointer + _deterAndTokens.Width - StridedEncoder.Outputs(_nets.Depth), _deterAndTokens.Stride);
        _rssm.Posterior(rows, _deterAndTokens, _noise, Features.Pointer, Features.Stride);
        for (var row = 0; row < rows; row++)
        {
            _deterAndTokens.Row(row)[..deter].CopyTo(Features.Row(row)[stoch..]);
        }
    }

    /// <summary>Keeps the states and the chosen actions for the next step.</summary>
    public void Remember(ReadOnlySpan<int> slots, ReadOnlySpan<float> actions)
    {
        var (stoch, size) = (_nets.Stoch, _environment.Action.Size);
        for (var row = 0; row < slots.Length; row++)
        {
            var slot = slots[row];
            Features.Row(row)[..stoch].CopyTo(_slotInput.Row(slot));
            actions.Slice(row * size, size).CopyTo(_slotInput.Row(slot)[stoch..]);
            Features.Row(row)[stoch..].CopyTo(_slotDeter.Row(slot));
            _started[slot] = true;
        }
    }

    /// <exception cref="ArgumentException">Lengths, slots or environments do not fit.</exception>
    public void Check(ReadOnlySpan<int> slots, ReadOnlySpan<TimeStep> steps, ReadOnlySpan<float> actions)
    {
        if (slots.Length > Slots || steps.Length != slots.Length || actions.Length != slots.Length * _environment.Action.Size)
        {
            throw new ArgumentException(
                $"{slots.Length} slots, {steps.Length} steps and {actions.Length} action values do not fit {Slots} slots of action {_environment.Action}.");
        }

        for (var i = 0; i < slots.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)slots[i], (uint)Slots, nameof(slots));
            if (!ReferenceEquals(steps[i].Spec, _environment) && !steps[i].Spec.Equals(_environment))
            {
                throw new ArgumentException($"slot {slots[i]} shows another environment than the policy was trained for.", nameof(steps));
            }
        }
    }
}
