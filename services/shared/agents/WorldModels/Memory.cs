using Dreamer.Agents.Distributions;
using Dreamer.Agents.Nets;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Dreamer.Agents.WorldModels;

/// <summary>
/// M (spec 1.3): an LSTM with a mixture density output, p(z_{t+1} | a_t, z_t, h_t), one mixture per latent variable, and with Doom's option
/// the logit of an end. Shapes: T time, B batch, Z latent, U units, K normals.
/// </summary>
public sealed class Memory
{
    private readonly Linear cell;
    private readonly Linear output;
    private readonly WorldModelsOptions options;
    private readonly int inputs;

    /// <param name="inputs">Width of [z, a] and, with ends, the mark of a first frame.</param>
    public Memory(WorldModelsOptions options, int inputs)
    {
        (this.options, this.inputs) = (options, inputs);
        cell = PlainMlp.Layer(Parameters, "rnn/lstm", inputs + options.Units, 4 * options.Units);
        output = PlainMlp.Layer(Parameters, "rnn/out", options.Units, 3 * options.Mixtures * options.Latent + (options.PredictEnd ? 1 : 0));
    }

    public ParameterSet Parameters { get; } = new();

    /// <summary>One step of TensorFlow's LSTM: i, j, f, o = W [x, h] + b; c' = sigmoid(f + 1) c + sigmoid(i) tanh(j); h' = sigmoid(o) tanh(c').</summary>
    /// <param name="state">Hidden and cell state, [N, U] each.</param>
    public (Tensor Hidden, Tensor Cell) Step(Tensor input, (Tensor Hidden, Tensor Cell) state) => Gate(cell.Apply(cat([input, state.Hidden], 1)), state.Cell);

    /// <summary>Hidden states after each step from a blank state: [T, B, U].</summary>
    /// <param name="input">[T, B, inputs]</param>
    /// <param name="keep">[T, B, 1] 0 where the state is blanked before the step.</param>
    /// <param name="blank">[T] whether any row is.</param>
    public Tensor Unroll(Tensor input, Tensor keep, ReadOnlySpan<bool> blank)
    {
        // What does not depend on the state is multiplied for all steps at once.
        var ahead = F.linear(input, cell.Weight.Value.narrow(1, 0, inputs), cell.Bias.Value);
        var recurrent = cell.Weight.Value.narrow(1, inputs, options.Units).t();
        var (rows, hiddens) = (input.shape[1], new List<Tensor>());
        var state = Blank(rows, input);
        for (var t = 0; t < input.shape[0]; t++)
        {
            if (blank[t] && t > 0)
            {
                state = (state.Hidden * keep[t], state.Cell * keep[t]);
            }

            state = Gate(ahead[t] + state.Hidden.matmul(recurrent), state.Cell);
            hiddens.Add(state.Hidden);
        }

        return stack(hiddens);
    }

    /// <summary>Zeros of the type and on the device of another tensor.</summary>
    public (Tensor Hidden, Tensor Cell) Blank(long rows, Tensor like) =>
        (zeros([rows, options.Units], like.dtype, like.device), zeros([rows, options.Units], like.dtype, like.device));

    /// <summary>What follows a hidden state [..., U]: mixtures over z [..., Z, K], and the logit of an end [...] or null.</summary>
    public (NormalMixture Next, Tensor? End) Predict(Tensor hidden)
    {
        var raw = output.Apply(hidden);
        var end = options.PredictEnd ? raw.select(-1, 0) : null;
        var mixtures = options.PredictEnd ? raw.narrow(-1, 1, raw.shape[^1] - 1) : raw;
        return (NormalMixture.FromRaw(mixtures.reshape([.. hidden.shape[..^1], options.Latent, 3 * options.Mixtures])), end);
    }

    private (Tensor Hidden, Tensor Cell) Gate(Tensor gates, Tensor previous)
    {
        var parts = gates.chunk(4, 1);
        var next = (parts[2] + 1).sigmoid() * previous + parts[0].sigmoid() * parts[1].tanh();
        return (parts[3].sigmoid() * next.tanh(), next);
    }
}
