using Dreamer.Policies.Gaussian;
using Dreamer.Policies.Numerics;

namespace Dreamer.Policies.PlaNet;

/// <summary>
/// The cross-entropy method in latent space (spec 2.5): draw plans from independent normals, roll the prior along each, refit the
/// normals to the plans of the largest predicted reward, and again. Plans are rolled in blocks whose activations stay in the cache.
/// </summary>
internal sealed unsafe class CemPlanner
{
    private const int Block = 64;
    private const float VarianceFloor = 1e-6f;

    private readonly PlaNetSizes _sizes;
    private readonly int _actions;
    private readonly ulong _seed;
    private readonly GaussianRssm _rssm;
    private readonly LinearLayer[] _reward;
    private readonly RowBuffer[] _hidden;
    private readonly RowBuffer _features;
    private readonly RowBuffer _input;
    private readonly RowBuffer _noise;
    private readonly RowBuffer _predicted;
    private readonly float[] _plans;
    private readonly float[] _scores;
    private readonly int[] _order;
    private readonly float[] _mean;
    private readonly float[] _std;
    private ulong _draws;

    public CemPlanner(PlaNetSizes sizes, int actions, int tokens, ulong seed)
    {
        (_sizes, _actions, _seed) = (sizes, actions, seed);
        var nets = sizes.Nets;
        var feature = nets.Stoch + nets.Deter;
        _rssm = new GaussianRssm(nets, actions, tokens, Block, prior: true);
        var hidden = Enumerable.Range(0, sizes.RewardLayers).Select(layer =>
            new LinearLayer($"rew/mlp{layer}", sizes.Units, layer == 0 ? feature : sizes.Units, Activation.Relu));
        _reward = [.. hidden, new LinearLayer("rew/out", 1, sizes.Units)];
        _hidden = [new(Block, sizes.Units), new(Block, sizes.Units)];
        _features = new(Block, feature);
        _input = new(Block, nets.Stoch + actions);
        _noise = new(Block, nets.Stoch);
        _predicted = new(Block, 1);
        _plans = new float[sizes.Candidates * sizes.Horizon * actions];
        _scores = new float[sizes.Candidates];
        _order = new int[sizes.Candidates];
        _mean = new float[sizes.Horizon * actions];
        _std = new float[sizes.Horizon * actions];
    }

    /// <summary>Multiplications and additions of one decision, counted as one.</summary>
    public long MultiplyAdds => (_rssm.PriorBytes + _reward.Sum(layer => layer.Matrix.Bytes)) / sizeof(ushort)
        * _sizes.Horizon * _sizes.Iterations * _sizes.Candidates;

    public void Load(PolicyWeights weights)
    {
        _rssm.Load(weights);
        foreach (var layer in _reward)
        {
            layer.Load(weights);
        }
    }

    /// <summary>The first action of the best plan from one state.</summary>
    /// <param name="feature">[S + D] the believed state.</param>
    /// <param name="action">[A] in [-1, 1], written.</param>
    public void Plan(ReadOnlySpan<float> feature, Span<float> action)
    {
        Array.Clear(_mean);
        Array.Fill(_std, 1);
        for (var iteration = 0; iteration < _sizes.Iterations; iteration++)
        {
            Draw();
            for (var first = 0; first < _sizes.Candidates; first += Block)
            {
                Roll(feature, first, Math.Min(Block, _sizes.Candidates - first));
            }

            Refit();
        }

        _mean.AsSpan(0, _actions).CopyTo(action);
        GC.KeepAlive(this);
    }

    /// <summary>Predicted rewards [plans] of given plans [plans, horizon, A], at most the planner's candidates: for comparing with another implementation.</summary>
    internal float[] Score(ReadOnlySpan<float> feature, ReadOnlySpan<float> plans)
    {
        plans.CopyTo(_plans);
        var count = plans.Length / _mean.Length;
        for (var first = 0; first < count; first += Block)
        {
            Roll(feature, first, Math.Min(Block, count - first));
        }

        return _scores[..count];
    }

    // Candidates from the current normals, clipped.
    private void Draw()
    {
        var width = _mean.Length;
        CounterRandom.FillNormal(_seed, uint.MaxValue, _draws++, _plans);
        for (var plan = 0; plan < _plans.Length; plan += width)
        {
            for (var i = 0; i < width; i++)
            {
                _plans[plan + i] = Math.Clamp(_mean[i] + _std[i] * _plans[plan + i], -1, 1);
            }
        }
    }

    // Sums the mean reward of every imagined state along a block of plans.
    private void Roll(ReadOnlySpan<float> feature, int first, int rows)
    {
        var (stoch, width) = (_sizes.Stoch, _mean.Length);
        for (var row = 0; row < rows; row++)
        {
            feature.CopyTo(_features.Row(row));
            _scores[first + row] = 0;
        }

        var deter = _features.Pointer + stoch;
        for (var step = 0; step < _sizes.Horizon; step++)
        {
            for (var row = 0; row < rows; row++)
            {
                var input = _input.Row(row);
                _features.Row(row)[..stoch].CopyTo(input);
                _plans.AsSpan((first + row) * width + step * _actions, _actions).CopyTo(input[stoch..]);
                CounterRandom.FillNormal(_seed, (uint)row, _draws, _noise.Row(row));
            }

            _draws++;
            _rssm.Step(rows, _input, deter, _features.Stride, deter, _features.Stride);
            _rssm.Prior(rows, deter, _features.Stride, _noise, _features.Pointer, _features.Stride);
            Predict(rows);
            for (var row = 0; row < rows; row++)
            {
                _scores[first + row] += _predicted.Row(row)[0];
            }
        }
    }

    private void Predict(int rows)
    {
        var x = _features;
        for (var layer = 0; layer < _reward.Length; layer++)
        {
            var y = layer == _reward.Length - 1 ? _predicted : _hidden[layer % 2];
            _reward[layer].Forward(x, rows, y);
            x = y;
        }
    }

    // Mean and population variance of the best plans.
    private void Refit()
    {
        for (var i = 0; i < _order.Length; i++)
        {
            (_order[i], _scores[i]) = (i, -_scores[i]);
        }

        Array.Sort(_scores, _order);
        var width = _mean.Length;
        var top = _order.AsSpan(0, _sizes.Top);
        for (var i = 0; i < width; i++)
        {
            var (sum, squares) = (0.0, 0.0);
            foreach (var plan in top)
            {
                var value = (double)_plans[plan * width + i];
                sum += value;
                squares += value * value;
            }

            var mean = sum / top.Length;
            _mean[i] = (float)mean;
            _std[i] = MathF.Sqrt((float)Math.Max(0, squares / top.Length - mean * mean) + VarianceFloor);
        }
    }
}
