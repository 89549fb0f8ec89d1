using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Dreamer.Policies.Numerics;
using Dreamer.Spaces;

namespace Dreamer.Policies.DreamerV3;

/// <summary>
/// DreamerV3's acting path: encode, advance the recurrent state with the posterior, sample from the policy; it samples in evaluation too.
/// One thread, no allocation per step; weights are read once per batch.
/// </summary>
public sealed unsafe class DreamerV3Policy : IPolicy
{
    private readonly EnvironmentSpec _environment;
    private readonly DreamerV3Sizes _sizes;
    private readonly ulong _seed;
    private readonly VectorEncoder? _vectors;
    private readonly ImageEncoder? _images;
    private readonly Rssm _rssm;
    private readonly PolicyHead _head;

    // Recurrent state, one row per slot.
    private readonly float[] _deter;
    private readonly byte[] _stoch;
    private readonly float[] _action;
    private readonly bool[] _started;
    private readonly ulong[] _draws;

    // One row per entry of the batch; features are [deter, tokens].
    private readonly RowBuffer _previousDeter;
    private readonly RowBuffer _previousAction;
    private readonly byte[] _batchStoch;
    private readonly bool[] _blank;
    private readonly RowBuffer _features;
    private readonly RowBuffer _logits;
    private readonly RowBuffer _distribution;
    private readonly float[] _noise;

    internal DreamerV3Policy(PolicyWeights<DreamerV3Sizes> weights, int slots, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(slots);
        (_environment, _sizes, _seed, Slots) = (weights.Environment, weights.Sizes, seed, slots);
        var layout = new ObservationLayout(_environment);
        var tokens = DreamerV3Format.TokenSize(layout, _sizes);
        _vectors = layout.VectorSize > 0 ? new VectorEncoder(
            layout, _sizes.Units, _sizes.EncoderLayers, (name, outputs, inputs) => new Dense(name, outputs, inputs), slots, symlog: true) : null;
        _images = layout.Channels > 0 ? new ImageEncoder(layout, _sizes) : null;
        _rssm = new Rssm(_sizes, _environment.Action.Size, tokens, slots);
        _head = new PolicyHead(_sizes, _environment.Action, slots);
        RecordedState = [new TensorSpec("deter", DType.BFloat16, _sizes.Deter), new TensorSpec("stoch", DType.UInt8, _sizes.Stoch)];

        var (deter, stoch, action) = (_sizes.Deter, _sizes.Stoch, _environment.Action.Size);
        _deter = new float[slots * deter];
        _stoch = new byte[slots * stoch];
        _action = new float[slots * action];
        _started = new bool[slots];
        _draws = new ulong[slots];
        _previousDeter = new(slots, deter);
        _previousAction = new(slots, action);
        _batchStoch = new byte[slots * stoch];
        _blank = new bool[slots];
        _features = new(slots, deter + tokens);
        _logits = new(slots, stoch * _sizes.Classes);
        _distribution = new(slots, _head.Outputs);
        _noise = new float[slots * NoiseSize];
        Load(weights);
    }

    public string Agent => DreamerV3Format.Agent;

    public int Slots { get; }

    public long Version { get; private set; } = -1;

    public ImmutableArray<TensorSpec> RecordedState { get; }

    /// <summary>Bytes of weights that one batch reads from memory (of one row where columns are gathered).</summary>
    internal long WeightBytes => _rssm.Bytes + _head.Bytes + (_vectors?.Bytes ?? 0) + (_images?.Bytes ?? 0);

    /// <summary>Multiplications and additions per step, counted as one.</summary>
    internal long MultiplyAdds => (WeightBytes - (_images?.Bytes ?? 0)) / sizeof(ushort) + (_images?.MultiplyAdds ?? 0);

    /// <summary>Uniform numbers that one step of one slot takes: S for the state, then those of the action.</summary>
    internal int NoiseSize => _sizes.Stoch + _head.Noise;

    public void Load(PolicyBlob blob)
    {
        var weights = DreamerV3Format.Policy.Open(blob);
        if (weights.Sizes != _sizes || !weights.Environment.Equals(_environment))
        {
            throw new PolicyFormatException(
                $"policy version {blob.Version} is for action {weights.Environment.Action}, {weights.Sizes}; this one runs {_environment.Action}, {_sizes}: restart the actor to change sizes or task.");
        }

        Load(weights);
    }

    public void Act(ReadOnlySpan<int> slots, ReadOnlySpan<TimeStep> steps, Span<float> actions)
    {
        PolicyArguments.Check(_environment, Slots, slots, steps, actions);
        var noise = _noise.AsSpan(0, slots.Length * NoiseSize);
        for (var i = 0; i < slots.Length; i++)
        {
            CounterRandom.Fill(_seed, (uint)slots[i], _draws[slots[i]]++, noise.Slice(i * NoiseSize, NoiseSize));
        }

        Run(slots, steps, noise, actions, trace: null);
    }

    public void CopyState(int slot, ReadOnlySpan<byte[]> into)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)slot, (uint)Slots, nameof(slot));
        var deter = MemoryMarshal.Cast<byte, ushort>(into[0].AsSpan(0, _sizes.Deter * sizeof(ushort)));
        var source = _deter.AsSpan(slot * _sizes.Deter, _sizes.Deter);
        for (var i = 0; i < deter.Length; i++)
        {
            deter[i] = BFloat16Bits.FromSingle(source[i]);
        }

        _stoch.AsSpan(slot * _sizes.Stoch, _sizes.Stoch).CopyTo(into[1]);
    }

    /// <summary><see cref="Act"/> with given noise, and what it computed on the way: for comparing with another implementation.</summary>
    /// <param name="noise">[slots, <see cref="NoiseSize"/>] uniform in [0, 1).</param>
    internal PolicyTrace Evaluate(ReadOnlySpan<int> slots, ReadOnlySpan<TimeStep> steps, ReadOnlySpan<float> noise)
    {
        var trace = new PolicyTrace { Actions = new float[slots.Length * _environment.Action.Size] };
        PolicyArguments.Check(_environment, Slots, slots, steps, trace.Actions);
        Run(slots, steps, noise, trace.Actions, trace);
        return trace;
    }

    private void Load(PolicyWeights<DreamerV3Sizes> weights)
    {
        _vectors?.Load(weights);
        _images?.Load(weights);
        _rssm.Load(weights);
        _head.Load(weights);
        Version = weights.Version;
    }

    private void Run(ReadOnlySpan<int> slots, ReadOnlySpan<TimeStep> steps, ReadOnlySpan<float> noise, Span<float> actions, PolicyTrace? trace)
    {
        var rows = slots.Length;
        Gather(slots, steps);
        var stoch = _batchStoch.AsSpan(0, rows * _sizes.Stoch);
        _rssm.Step(rows, _previousDeter, stoch, _blank, _previousAction, _features.Pointer, _features.Stride);
        _vectors?.Encode(steps, _features.Pointer + _sizes.Deter, _features.Stride);
        _images?.Encode(steps, _features.Pointer + _features.Width - _images.Size, _features.Stride);
        _rssm.Posterior(rows, _features, _logits);
        trace?.CopyPosterior(rows, _features, _sizes.Deter, _logits);

        for (var i = 0; i < rows; i++)
        {
            Categorical.Sample(
                _logits.Row(i), _sizes.Classes, _sizes.Unimix,
                noise.Slice(i * NoiseSize, _sizes.Stoch), stoch.Slice(i * _sizes.Stoch, _sizes.Stoch));
        }

        _head.Forward(rows, _features, stoch, _distribution);
        var size = _environment.Action.Size;
        for (var i = 0; i < rows; i++)
        {
            _head.Sample(_distribution.Row(i), noise.Slice(i * NoiseSize + _sizes.Stoch, _head.Noise), actions.Slice(i * size, size));
        }

        trace?.CopyAction(rows, stoch, _distribution);
        Scatter(slots, actions);
        GC.KeepAlive(this);
    }

    /// <summary>State of the slots -> rows of the batch; zero at the start of an episode (spec 5.2).</summary>
    private void Gather(ReadOnlySpan<int> slots, ReadOnlySpan<TimeStep> steps)
    {
        var (deter, stoch, size) = (_sizes.Deter, _sizes.Stoch, _environment.Action.Size);
        for (var i = 0; i < slots.Length; i++)
        {
            var slot = slots[i];
            var toDeter = _previousDeter.Row(i);
            var toAction = _previousAction.Row(i);
            _blank[i] = steps[i].IsFirst || !_started[slot];
            if (_blank[i])
            {
                toDeter.Clear();
                toAction.Clear();
                continue;
            }

            _deter.AsSpan(slot * deter, deter).CopyTo(toDeter);
            _stoch.AsSpan(slot * stoch, stoch).CopyTo(_batchStoch.AsSpan(i * stoch));
            var from = _action.AsSpan(slot * size, size);
            for (var j = 0; j < size; j++)
            {
                toAction[j] = from[j] / MathF.Max(1, MathF.Abs(from[j]));
            }
        }
    }

    private void Scatter(ReadOnlySpan<int> slots, ReadOnlySpan<float> actions)
    {
        var (deter, stoch, size) = (_sizes.Deter, _sizes.Stoch, _environment.Action.Size);
        for (var i = 0; i < slots.Length; i++)
        {
            var slot = slots[i];
            _features.Row(i)[..deter].CopyTo(_deter.AsSpan(slot * deter));
            _batchStoch.AsSpan(i * stoch, stoch).CopyTo(_stoch.AsSpan(slot * stoch));
            actions.Slice(i * size, size).CopyTo(_action.AsSpan(slot * size));
            _started[slot] = true;
        }
    }
}
