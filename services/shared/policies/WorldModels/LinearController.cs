using Dreamer.Policies.Numerics;
using Dreamer.Spaces;

namespace Dreamer.Policies.WorldModels;

/// <summary>C (spec 1.4): a = tanh(W [z, h] + b), for each of a population of parameters.</summary>
internal sealed class LinearController(WorldModelsSizes sizes, ActionSpec action)
{
    private readonly float[] _parameters = new float[(1 + sizes.Candidates) * sizes.ControllerParameters(action)];
    private readonly float[] _outputs = new float[WorldModelsSizes.Outputs(action)];

    public void Load(ReadOnlySpan<ushort> halves)
    {
        for (var i = 0; i < _parameters.Length; i++)
        {
            _parameters[i] = BFloat16Bits.ToSingle(halves[i]) + BFloat16Bits.ToSingle(halves[_parameters.Length + i]);
        }
    }

    /// <summary>Chooses, and writes what M is told of the choice.</summary>
    /// <param name="index">0 for the mean, i + 1 for candidate i.</param>
    /// <param name="seen">Latent, cell state if asked for, hidden state.</param>
    /// <param name="chosen">[A] as the environment takes it.</param>
    /// <param name="told">[outputs] the same as M takes it.</param>
    public void Act(int index, ReadOnlySpan<float> seen, Span<float> chosen, Span<float> told)
    {
        var length = sizes.ControllerParameters(action);
        var own = _parameters.AsSpan(index * length, length);
        var weights = sizes.Bias ? own[_outputs.Length..] : own;
        for (var output = 0; output < _outputs.Length; output++)
        {
            var sum = sizes.Bias ? own[output] : 0;
            for (var input = 0; input < seen.Length; input++)
            {
                sum += weights[input * _outputs.Length + output] * seen[input];
            }

            _outputs[output] = MathF.Tanh(sum);
        }

        if (action.Kind == ActionKind.Continuous)
        {
            foreach (ref var value in _outputs.AsSpan(action.Size - sizes.OneSided))
            {
                value = 2 * Math.Max(value, 0) - 1;
            }

            _outputs.CopyTo(chosen);
            _outputs.CopyTo(told);
            return;
        }

        var choice = _outputs.Length == 1
            ? Math.Clamp((int)((_outputs[0] + 1) / 2 * action.Size), 0, action.Size - 1)
            : ActionNoise.Likeliest(_outputs);
        chosen.Clear();
        chosen[choice] = 1;
        told.Clear();
        if (WorldModelsSizes.IsCut(action))
        {
            told[0] = WorldModelsSizes.Level(action, choice);
        }
        else
        {
            told[choice] = 1;
        }
    }
}
