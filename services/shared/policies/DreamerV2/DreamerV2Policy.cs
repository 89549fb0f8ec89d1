using System.Collections.Immutable;
using Dreamer.Policies.Gaussian;
using Dreamer.Policies.Numerics;
using Dreamer.Spaces;

namespace Dreamer.Policies.DreamerV2;

/// <summary>
/// DreamerV2's acting path (spec 4.3, 4.5): posterior, then a sample of the actor when collecting, or of Plan2Explore's; its mode when
/// evaluating.
/// </summary>
public sealed unsafe class DreamerV2Policy : IPolicy
{
    // Above every slot: streams of random numbers for actions.
    private const uint ActionStream = 1u << 31;

    private readonly EnvironmentSpec _environment;
    private readonly ulong _seed;
    private readonly PolicyPurpose _purpose;
    private readonly SlotStates _states;
    private readonly VectorEncoder? _vectors;
    private readonly StridedEncoder? _images;
    private readonly LatentRssm _rssm;
    private readonly RowBuffer _deterAndTokens;
    private readonly LinearLayer[] _actor;
    private readonly LinearLayer[] _explorer;
    private readonly RowBuffer[] _hidden;
    private readonly float[] _noise;
    private readonly bool[] _found;
    private DreamerV2Sizes _sizes;

    internal DreamerV2Policy(PolicyWeights<DreamerV2Sizes> weights, int slots, ulong seed, PolicyPurpose purpose)
    {
        (_environment, _sizes, _seed, _purpose) = (weights.Environment, weights.Sizes, seed, purpose);
        var (layout, action, norm) = (new ObservationLayout(_environment), _environment.Action, _sizes.LayerNorm);
        var tokens = DreamerV2Format.Tokens(layout, _sizes);
        _states = new SlotStates(_environment, _sizes.StochWidth, _sizes.Deter, slots);
        _vectors = layout.VectorSize > 0 ? new VectorEncoder(
            layout, _sizes.VectorUnits, _sizes.VectorLayers, (name, outputs, inputs) => new LinearLayer(name, outputs, inputs, Activation.Elu, norm), slots) : null;
        _images = layout.Channels > 0 ? new StridedEncoder(layout, _sizes.Depth, Pixels, Activation.Elu, norm) : null;
        _rssm = new LatentRssm(_sizes, action.Size, tokens, slots);
        _deterAndTokens = new(slots, _sizes.Deter + tokens);
        _actor = Layers("actor");
        _explorer = _sizes.HasExplorer ? Layers("explorer") : [];
        _hidden = [new(slots, _sizes.Units), new(slots, _sizes.Units)];
        Distribution = new(slots, DreamerV2Format.Outputs(action));
        (_noise, _found) = (new float[action.Size], new bool[action.Size]);
        Load(weights);
    }

    public string Agent => DreamerV2Format.Agent;

    public int Slots => _states.Slots;

    public long Version { get; private set; } = -1;

    public ImmutableArray<TensorSpec> RecordedState => [];

    /// <summary>[rows, S + D] of the newest <see cref="Act"/>: stoch, then deter; for comparing with another implementation.</summary>
    internal RowBuffer Features => _states.Features;

    /// <summary>[rows, P] what stoch was drawn from.</summary>
    internal RowBuffer Posterior => _rssm.Distribution;

    /// <summary>[rows, A or 2A] of the actor at the newest <see cref="Act"/>: logits, or means and standard deviations.</summary>
    internal RowBuffer Distribution { get; }

    // v / 255 - 0.5
    private static float[] Pixels { get; } = [.. Enumerable.Range(0, 256).Select(value => value / 255f - 0.5f)];

    public void Load(PolicyBlob blob)
    {
        var weights = DreamerV2Format.Policy.Open(blob);
        if (weights.Sizes with { Explores = _sizes.Explores } != _sizes || !weights.Environment.Equals(_environment))
        {
            throw new PolicyFormatException(
                $"policy version {blob.Version} is for action {weights.Environment.Action}, {weights.Sizes}; this one runs {_environment.Action}, {_sizes}: restart the actor to change sizes or task.");
        }

        Load(weights);
    }

    public void Act(ReadOnlySpan<int> slots, ReadOnlySpan<TimeStep> steps, Span<float> actions)
    {
        _states.Check(slots, steps, actions);
        Observe(slots, steps);
        var layers = _purpose == PolicyPurpose.Collect && _sizes.Explores ? _explorer : _actor;
        var x = Features;
        for (var layer = 0; layer < layers.Length; layer++)
        {
            var y = layer == layers.Length - 1 ? Distribution : _hidden[layer % 2];
            layers[layer].Forward(x, slots.Length, y);
            x = y;
        }

        var size = _environment.Action.Size;
        for (var row = 0; row < slots.Length; row++)
        {
            var action = actions.Slice(row * size, size);
            if (_environment.Action.Kind == ActionKind.Discrete)
            {
                Choose(Distribution.Row(row), slots[row], action);
            }
            else
            {
                Sample(Distribution.Row(row), slots[row], action);
            }
        }

        _states.Remember(slots, actions);
        GC.KeepAlive(this);
    }

    public void CopyState(int slot, ReadOnlySpan<byte[]> into)
    {
    }

    private LinearLayer[] Layers(string name)
    {
        var hidden = Enumerable.Range(0, _sizes.ActorLayers).Select(layer => new LinearLayer(
            $"{name}/mlp{layer}", _sizes.Units, layer == 0 ? _sizes.StochWidth + _sizes.Deter : _sizes.Units, Activation.Elu, _sizes.LayerNorm));
        return [.. hidden, new LinearLayer($"{name}/out", DreamerV2Format.Outputs(_environment.Action), _sizes.Units)];
    }

    private void Load(PolicyWeights<DreamerV2Sizes> weights)
    {
        _vectors?.Load(weights);
        _images?.Load(weights);
        _rssm.Load(weights);
        foreach (var layer in _actor.Concat(_explorer))
        {
            layer.Load(weights);
        }

        (_sizes, Version) = (weights.Sizes, weights.Version);
    }

    // Advances the states of the slots by what their environments show.
    private void Observe(ReadOnlySpan<int> slots, ReadOnlySpan<TimeStep> steps)
    {
        var (rows, deter) = (slots.Length, _sizes.Deter);
        _states.Gather(slots, steps);
        _rssm.Step(rows, _states.Input, _states.Deter, _deterAndTokens);
        _vectors?.Encode(steps, _deterAndTokens.Pointer + deter, _deterAndTokens.Stride);
        _images?.Encode(steps, _deterAndTokens.Pointer + _deterAndTokens.Width - StridedEncoder.Outputs(_sizes.Depth), _deterAndTokens.Stride);
        _rssm.Posterior(rows, _deterAndTokens);
        for (var row = 0; row < rows; row++)
        {
            var slot = slots[row];
            var features = Features.Row(row);
            _rssm.Sample(row, _seed, (uint)slot, _states.NextDraw(slot), features);
            _deterAndTokens.Row(row)[..deter].CopyTo(features[_sizes.StochWidth..]);
        }
    }

    // One category: the likeliest when evaluating, else sampled.
    private void Choose(ReadOnlySpan<float> logits, int slot, Span<float> action)
    {
        CounterRandom.Fill(_seed, ActionStream + (uint)slot, _states.NextDraw(slot), _noise.AsSpan(0, 1));
        var choice = _purpose == PolicyPurpose.Evaluate ? ActionNoise.Likeliest(logits) : ActionNoise.Categorical(logits, _noise[0]);
        action.Clear();
        action[choice] = 1;
    }

    // Normals with mean tanh(m) and std 2 sigmoid(s / 2) + 0.1, cut off at -1 and 1: the mean when evaluating, else the first draw that
    // lies within, as at least a third of them do.
    private void Sample(Span<float> raw, int slot, Span<float> action)
    {
        const int tries = 64;
        var size = action.Length;
        for (var i = 0; i < size; i++)
        {
            action[i] = raw[i] = MathF.Tanh(raw[i]);
            raw[size + i] = LatentRssm.BoundedStd(raw[size + i]);
        }

        var missing = _purpose == PolicyPurpose.Evaluate ? 0 : size;
        _found.AsSpan().Clear();
        for (var attempt = 0; attempt < tries && missing > 0; attempt++)
        {
            CounterRandom.FillNormal(_seed, ActionStream + (uint)slot, _states.NextDraw(slot), _noise);
            for (var i = 0; i < size; i++)
            {
                var sample = raw[i] + raw[size + i] * _noise[i];
                if (!_found[i] && MathF.Abs(sample) <= 1)
                {
                    (action[i], _found[i]) = (sample, true);
                    missing--;
                }
            }
        }
    }
}
