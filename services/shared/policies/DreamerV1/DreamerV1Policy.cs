using System.Collections.Immutable;
using Dreamer.Policies.Gaussian;
using Dreamer.Policies.Numerics;
using Dreamer.Spaces;

namespace Dreamer.Policies.DreamerV1;

/// <summary>
/// Dreamer's acting path (spec 3.2, 3.3): posterior, actor, and exploration when collecting; the likeliest of many samples when
/// evaluating.
/// </summary>
public sealed class DreamerV1Policy : IPolicy
{
    // Above every slot: streams of random numbers for actions.
    private const uint ActionStream = 1u << 31;
    private const int EvaluationSamples = 100;

    private readonly EnvironmentSpec _environment;
    private readonly ulong _seed;
    private readonly PolicyPurpose _purpose;
    private readonly GaussianBelief _belief;
    private readonly LinearLayer[] _layers;
    private readonly RowBuffer[] _hidden;
    private readonly float[] _noise;
    private DreamerV1Sizes _sizes;

    internal DreamerV1Policy(PolicyWeights<DreamerV1Sizes> weights, int slots, ulong seed, PolicyPurpose purpose)
    {
        (_environment, _sizes, _seed, _purpose) = (weights.Environment, weights.Sizes, seed, purpose);
        var (nets, action) = (_sizes.Nets, _environment.Action);
        _belief = new GaussianBelief(_environment, nets, slots, seed, Pixels, prior: false);
        var hidden = Enumerable.Range(0, _sizes.ActorLayers).Select(layer =>
            new LinearLayer($"actor/mlp{layer}", _sizes.Units, layer == 0 ? nets.Stoch + nets.Deter : _sizes.Units, Activation.Elu));
        _layers = [.. hidden, new LinearLayer("actor/out", DreamerV1Format.Outputs(action), _sizes.Units)];
        _hidden = [new(slots, _sizes.Units), new(slots, _sizes.Units)];
        Distribution = new(slots, DreamerV1Format.Outputs(action));
        _noise = new float[(EvaluationSamples + 1) * action.Size];
        Load(weights);
    }

    public string Agent => DreamerV1Format.Agent;

    public int Slots => _belief.Slots;

    public long Version { get; private set; } = -1;

    public ImmutableArray<TensorSpec> RecordedState => [];

    /// <summary>Bytes of weights that one batch reads.</summary>
    internal long WeightBytes => _belief.WeightBytes + _layers.Sum(layer => layer.Matrix.Bytes);

    /// <summary>Multiplications and additions per step, counted as one.</summary>
    internal long MultiplyAdds => _belief.MultiplyAdds + _layers.Sum(layer => layer.Matrix.Bytes) / sizeof(ushort);

    /// <summary>State after the newest <see cref="Act"/>: for comparing with another implementation.</summary>
    internal GaussianBelief Belief => _belief;

    /// <summary>[rows, A or 2A] raw outputs of the actor at the newest <see cref="Act"/>.</summary>
    internal RowBuffer Distribution { get; }

    // v / 255 - 0.5
    private static float[] Pixels { get; } = [.. Enumerable.Range(0, 256).Select(value => value / 255f - 0.5f)];

    public void Load(PolicyBlob blob)
    {
        var weights = DreamerV1Format.Policy.Open(blob);
        if (weights.Sizes with { Exploration = _sizes.Exploration } != _sizes || !weights.Environment.Equals(_environment))
        {
            throw new PolicyFormatException(
                $"policy version {blob.Version} is for action {weights.Environment.Action}, {weights.Sizes}; this one runs {_environment.Action}, {_sizes}: restart the actor to change sizes or task.");
        }

        Load(weights);
    }

    public unsafe void Act(ReadOnlySpan<int> slots, ReadOnlySpan<TimeStep> steps, Span<float> actions)
    {
        _belief.Check(slots, steps, actions);
        _belief.Observe(slots, steps);
        var x = _belief.Features;
        for (var layer = 0; layer < _layers.Length; layer++)
        {
            var y = layer == _layers.Length - 1 ? Distribution : _hidden[layer % 2];
            _layers[layer].Forward(x, slots.Length, y);
            x = y;
        }

        var size = _environment.Action.Size;
        for (var row = 0; row < slots.Length; row++)
        {
            var action = actions.Slice(row * size, size);
            var (stream, draw) = (ActionStream + (uint)slots[row], _belief.NextDraw(slots[row]));
            if (_environment.Action.Kind == ActionKind.Discrete)
            {
                Choose(Distribution.Row(row), stream, draw, action);
            }
            else
            {
                Sample(Distribution.Row(row), stream, draw, action);
            }
        }

        _belief.Remember(slots, actions);
        GC.KeepAlive(this);
    }

    public void CopyState(int slot, ReadOnlySpan<byte[]> into)
    {
    }

    private void Load(PolicyWeights<DreamerV1Sizes> weights)
    {
        _belief.Load(weights);
        foreach (var layer in _layers)
        {
            layer.Load(weights);
        }

        (_sizes, Version) = (weights.Sizes, weights.Version);
    }

    // One category: the likeliest when evaluating; else sampled, and now and then any.
    private void Choose(ReadOnlySpan<float> logits, uint stream, ulong draw, Span<float> action)
    {
        var uniform = _noise.AsSpan(0, 3);
        CounterRandom.Fill(_seed, stream, draw, uniform);
        var choice = ActionNoise.Likeliest(logits);
        if (_purpose == PolicyPurpose.Collect)
        {
            choice = uniform[0] < _sizes.Exploration ? (int)(uniform[1] * action.Length) : ActionNoise.Categorical(logits, uniform[2]);
        }

        action.Clear();
        action[choice] = 1;
    }

    // tanh(5 tanh(m / 5) + (softplus(s + softplus^-1(5)) + 1e-4) noise), then exploration noise; or the likeliest of many.
    private void Sample(Span<float> raw, uint stream, ulong draw, Span<float> action)
    {
        const float scale = 5;
        const float lowestStd = 1e-4f;
        var offset = MathF.Log(MathF.Exp(scale) - 1);
        var size = action.Length;
        for (var i = 0; i < size; i++)
        {
            raw[i] = scale * MathF.Tanh(raw[i] / scale);
            raw[size + i] = Gates.Softplus(raw[size + i] + offset) + lowestStd;
        }

        var samples = _purpose == PolicyPurpose.Evaluate ? EvaluationSamples : 1;
        var noise = _noise.AsSpan(0, (samples + 1) * size);
        CounterRandom.FillNormal(_seed, stream, draw, noise);
        var best = float.NegativeInfinity;
        for (var sample = 0; sample < samples; sample++)
        {
            var normals = noise.Slice(sample * size, size);
            var likelihood = 0f;
            for (var i = 0; i < size; i++)
            {
                // ln N(u) - ln(1 - tanh(u)^2) without what all samples share.
                var u = raw[i] + raw[size + i] * normals[i];
                likelihood += -0.5f * normals[i] * normals[i] + 2 * (u + Gates.Softplus(-2 * u));
                normals[i] = MathF.Tanh(u);
            }

            if (likelihood > best)
            {
                best = likelihood;
                normals.CopyTo(action);
            }
        }

        if (_purpose == PolicyPurpose.Collect)
        {
            ActionNoise.Add(action, noise[^size..], _sizes.Exploration);
        }
    }
}
