using System.Collections.Immutable;
using Dreamer.Policies.Gaussian;
using Dreamer.Policies.Numerics;
using Dreamer.Spaces;

namespace Dreamer.Policies.WorldModels;

/// <summary>
/// World Models' acting path (spec 1.4): a latent sampled from what V sees, an action from the controller, then M takes up both. When
/// collecting, every episode tries out the next candidate of the population and says which with its facts; else the best so far acts.
/// Members i and i + N/2 follow each other, and both meet the environment of one seed (spec 1.5), so that luck decides less between them.
/// </summary>
public sealed unsafe class WorldModelsPolicy : IPolicy
{
    /// <summary>Fact of an episode: which candidate played it, from 0.</summary>
    public const string CandidateFact = "controller/candidate";

    /// <summary>Fact of an episode: the generation of that candidate.</summary>
    public const string GenerationFact = "controller/generation";

    /// <summary>Fact of an episode in place of <see cref="GenerationFact"/>: the mean after that generation played it, to be evaluated.</summary>
    public const string EvaluationFact = "controller/evaluation";

    // Random weights may say variances without bound; a trained V stays far below.
    private const float LargestLatent = 100;

    // Above every slot: seeds of environments.
    private const uint PairStream = uint.MaxValue - 1;

    private readonly EnvironmentSpec _environment;
    private readonly ulong _seed;
    private readonly PolicyPurpose _purpose;
    private readonly StridedEncoder _encoder;
    private readonly LinearLayer _mean;
    private readonly LinearLayer _logVariance;
    private readonly LongShortTermCell _cell;
    private readonly LinearController _controller;
    private readonly RowBuffer _tokens;
    private readonly RowBuffer _means;
    private readonly RowBuffer _logVariances;
    private readonly float[] _noise;
    private readonly float[] _seen;
    private readonly Slot[] _slots;
    private WorldModelsSizes _sizes;
    private long _next;

    internal WorldModelsPolicy(PolicyWeights<WorldModelsSizes> weights, int slots, ulong seed, PolicyPurpose purpose)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(slots);
        (_environment, _sizes, _seed, _purpose) = (weights.Environment, weights.Sizes, seed, purpose);
        var tokens = StridedEncoder.Outputs(_sizes.Depth);
        _encoder = new StridedEncoder(new ObservationLayout(_environment), _sizes.Depth, [.. Enumerable.Range(0, 256).Select(value => (255 - value) / 255f)]);
        _mean = new LinearLayer("enc/mean", _sizes.Latent, tokens);
        _logVariance = new LinearLayer("enc/log_variance", _sizes.Latent, tokens);
        _cell = new LongShortTermCell(_sizes.MemoryInputs(_environment.Action), _sizes.Units, slots);
        _controller = new LinearController(_sizes, _environment.Action);
        (_tokens, _means, _logVariances) = (new(slots, tokens), new(slots, _sizes.Latent), new(slots, _sizes.Latent));
        (_noise, _seen) = (new float[_sizes.Latent], new float[_sizes.ControllerInputs]);
        _slots = [.. Enumerable.Range(0, slots).Select(_ => new Slot(_sizes.Units))];

        // Actors begin at different pairs, so that together they try all.
        Span<float> uniform = stackalloc float[1];
        CounterRandom.Fill(seed, uint.MaxValue, 0, uniform);
        _next = 2 * (long)(uniform[0] * _sizes.Candidates / 2);
        Load(weights);
    }

    public string Agent => WorldModelsFormat.Agent;

    public int Slots => _slots.Length;

    public long Version { get; private set; } = -1;

    public ImmutableArray<TensorSpec> RecordedState => [];

    /// <summary>[rows, Z] of the newest <see cref="Act"/>: for comparing with another implementation.</summary>
    internal (RowBuffer Mean, RowBuffer LogVariance) Moments => (_means, _logVariances);

    private bool Tries => _purpose == PolicyPurpose.Collect && _sizes.Candidates > 0;

    public void Load(PolicyBlob blob)
    {
        var weights = WorldModelsFormat.Policy.Open(blob);
        if (weights.Sizes with { Generation = _sizes.Generation, Evaluation = _sizes.Evaluation } != _sizes || !weights.Environment.Equals(_environment))
        {
            throw new PolicyFormatException(
                $"policy version {blob.Version} is for action {weights.Environment.Action}, {weights.Sizes}; this one runs {_environment.Action}, {_sizes}: restart the actor to change sizes or task.");
        }

        Load(weights);
    }

    public void Act(ReadOnlySpan<int> slots, ReadOnlySpan<TimeStep> steps, Span<float> actions)
    {
        PolicyArguments.Check(_environment, Slots, slots, steps, actions);
        var (size, latent, rows) = (_environment.Action.Size, _sizes.Latent, slots.Length);
        _encoder.Encode(steps, _tokens.Pointer, _tokens.Stride);
        _mean.Forward(_tokens, rows, _means);
        _logVariance.Forward(_tokens, rows, _logVariances);
        for (var row = 0; row < rows; row++)
        {
            var slot = _slots[slots[row]];
            if (steps[row].IsFirst)
            {
                Begin(slot);
            }

            var input = _cell.Input.Row(row);
            CounterRandom.FillNormal(_seed, (uint)slots[row], slot.Draws++, _noise);
            for (var i = 0; i < latent; i++)
            {
                var sample = _means.Row(row)[i] + MathF.Exp(_logVariances.Row(row)[i] / 2) * _noise[i];
                _seen[i] = input[i] = Math.Clamp(sample, -LargestLatent, LargestLatent);
            }

            // The state before M takes this step up (spec 1.4).
            if (_sizes.CellState)
            {
                slot.Cell.CopyTo(_seen, latent);
            }

            slot.Hidden.CopyTo(_seen, _seen.Length - _sizes.Units);
            var told = input.Slice(latent, WorldModelsSizes.Outputs(_environment.Action));
            _controller.Act(slot.Candidate + 1, _seen, actions.Slice(row * size, size), told);
            if (_sizes.PredictEnd)
            {
                input[latent + told.Length] = steps[row].IsFirst ? 1 : 0;
            }

            slot.Hidden.CopyTo(input[^_sizes.Units..]);
        }

        _cell.Step(rows);
        for (var row = 0; row < rows; row++)
        {
            _cell.Advance(row, _slots[slots[row]].Cell, _slots[slots[row]].Hidden);
        }
    }

    public IReadOnlyList<EpisodeFact> Facts(int slot) => _slots[slot] is { Candidate: >= 0 } played
        ? [new(CandidateFact, played.Candidate), new(_sizes.Evaluation ? EvaluationFact : GenerationFact, _sizes.Generation)]
        : [];

    public ulong? NextSeed(int slot)
    {
        if (!Tries)
        {
            return null;
        }

        _slots[slot].Upcoming = _next;
        var pair = _next++ / 2;
        return (ulong)CounterRandom.Block(_seed, 0, (uint)pair, (uint)(pair >> 32), PairStream);
    }

    public void CopyState(int slot, ReadOnlySpan<byte[]> into)
    {
    }

    private void Begin(Slot slot)
    {
        Array.Clear(slot.Cell);
        Array.Clear(slot.Hidden);
        slot.Candidate = -1;
        if (Tries)
        {
            var turn = slot.Upcoming ?? _next++;
            slot.Candidate = (int)((turn / 2 % (_sizes.Candidates / 2)) + (turn % 2 * (_sizes.Candidates / 2)));
        }

        slot.Upcoming = null;
    }

    private void Load(PolicyWeights<WorldModelsSizes> weights)
    {
        if ((weights.Sizes.Generation, weights.Sizes.Evaluation) != (_sizes.Generation, _sizes.Evaluation))
        {
            // Half an episode of a controller that is no more: it says nothing of any candidate. The next generation begins with a whole pair.
            Array.ForEach(_slots, slot => (slot.Candidate, slot.Upcoming) = (-1, null));
            _next += _next % 2;
        }

        _encoder.Load(weights);
        _mean.Load(weights);
        _logVariance.Load(weights);
        _cell.Load(weights);
        _controller.Load(weights[WorldModelsFormat.Controllers]);
        (_sizes, Version) = (weights.Sizes, weights.Version);
    }

    /// <summary>One environment: M's state, and who plays (-1 is the best so far).</summary>
    private sealed class Slot(int units)
    {
        public float[] Cell { get; } = new float[units];

        public float[] Hidden { get; } = new float[units];

        public int Candidate { get; set; } = -1;

        // The turn of the candidate whose environment was seeded already.
        public long? Upcoming { get; set; }

        public ulong Draws { get; set; }
    }
}
