using Dreamer.Policies.WorldModels;
using Dreamer.Spaces;
using static TorchSharp.torch;

namespace Dreamer.Agents.WorldModels;

/// <summary>
/// M in place of the environment (spec 1.6): a whole population plays at once, one point per step until M says that the episode ends.
/// Members i and i + N/2 meet the same random numbers, so that luck decides less between them.
/// </summary>
internal sealed class Dream(Memory memory, WorldModelsOptions options, ActionSpec action)
{
    private const int LookEvery = 16;

    /// <summary>Mean points per member.</summary>
    /// <param name="population">[N][P], parameters of controllers in the layout of <see cref="WorldModelsSizes.ControllerParameters"/>.</param>
    /// <param name="starts">[S, 2 Z] means and logarithms of variances of first frames.</param>
    /// <param name="noise">All random numbers come from here.</param>
    public double[] Play(double[][] population, Tensor starts, Generator noise)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (members, rollouts) = (population.Length, options.Controller.Rollouts);
        var rows = (long)members * rollouts;
        Tensor Paired(Tensor half) => cat([half, half], 0);
        Tensor Fresh() => empty([rows / 2, options.Latent], starts.dtype, starts.device);
        Tensor Normal() => Paired(Fresh().normal_(0, 1, noise));
        var (weights, bias) = Controllers(population, starts);

        var chosen = empty([rows / 2], starts.dtype, starts.device).uniform_(0, starts.shape[0], noise).to(int64).clamp_max(starts.shape[0] - 1);
        var moments = Paired(starts.index_select(0, chosen)).chunk(2, 1);
        var latent = Vision.Sample((moments[0], moments[1]), Normal());
        var state = memory.Blank(rows, starts);
        var alive = ones([rows], starts.dtype, starts.device);
        var points = zeros([rows], starts.dtype, starts.device);
        for (var t = 0; t < options.Controller.DreamSteps; t++)
        {
            using var step = NewDisposeScope();
            points.add_(alive);
            var output = Act(weights, bias, latent, state);
            var first = full([rows, 1], t == 0 ? 1 : 0, starts.dtype, starts.device);
            var after = memory.Step(cat([latent, ToldOf(output), first], 1), state);
            var (next, end) = memory.Predict(after.Hidden);
            alive.mul_(end!.le(0).to(starts.dtype));
            var following = next.Sample(Paired(Fresh().uniform_(0, 1, noise)), Normal(), options.Controller.Temperature);
            (latent, state) = (Replace(latent, following), (Replace(state.Hidden, after.Hidden), Replace(state.Cell, after.Cell)));
            if (t % LookEvery == 0 && alive.sum().to(float32).item<float>() == 0)
            {
                break;
            }
        }

        return points.view(members, rollouts).mean([1]).to(float64).cpu().data<double>().ToArray();
    }

    /// <summary>Latents [L, d, Z] of dreams from given ones on, as one controller acts; an end that M foresees does not end them.</summary>
    /// <param name="latent">[d, Z] the first.</param>
    /// <param name="state">[d, U] each, before the first.</param>
    public Tensor Imagine(double[] controller, Tensor latent, (Tensor Hidden, Tensor Cell) state, int steps, Generator noise)
    {
        var (weights, bias) = Controllers([controller], latent);
        var goesOn = zeros([latent.shape[0], 1], latent.dtype, latent.device);
        List<Tensor> shown = [latent];
        while (shown.Count < steps)
        {
            var told = ToldOf(Act(weights, bias, latent, state));
            state = memory.Step(cat(options.PredictEnd ? [latent, told, goesOn] : [latent, told], 1), state);
            latent = memory.Predict(state.Hidden).Next.Sample(
                empty_like(latent).uniform_(0, 1, noise), empty_like(latent).normal_(0, 1, noise), options.Controller.Temperature);
            shown.Add(latent);
        }

        return stack(shown);
    }

    /// <summary>Outputs of controllers [N, outputs], after their tanh, as M is told of them; the same as <c>LinearController</c> does.</summary>
    public Tensor ToldOf(Tensor output)
    {
        if (action.Kind == ActionKind.Continuous)
        {
            var free = action.Size - options.Controller.OneSided;
            return cat([output.narrow(1, 0, free), output.narrow(1, free, options.Controller.OneSided).clamp_min(0) * 2 - 1], 1);
        }

        return WorldModelsSizes.IsCut(action)
            ? ((output + 1) / 2 * action.Size).floor().clamp(0, action.Size - 1) * (2.0 / (action.Size - 1)) - 1
            : nn.functional.one_hot(output.argmax(1), action.Size).to(output.dtype);
    }

    /// <summary>Actions as the replay holds them [N, A], as M is told of them [N, outputs].</summary>
    public Tensor ToldOfAction(Tensor taken) => WorldModelsSizes.IsCut(action)
        ? taken.matmul(tensor(Enumerable.Range(0, action.Size).Select(choice => WorldModelsSizes.Level(action, choice)).ToArray(), taken.dtype, taken.device).unsqueeze(1))
        : taken;

    // What N controllers say to their share of the rows each: [rows, outputs].
    private Tensor Act(Tensor weights, Tensor bias, Tensor latent, (Tensor Hidden, Tensor Cell) state)
    {
        var seen = cat(options.Controller.CellState ? [latent, state.Cell, state.Hidden] : [latent, state.Hidden], 1);
        return (seen.view(weights.shape[0], -1, seen.shape[1]).bmm(weights) + bias).tanh().view(seen.shape[0], -1);
    }

    private (Tensor Weights, Tensor Bias) Controllers(double[][] population, Tensor like)
    {
        var outputs = WorldModelsSizes.Outputs(action);
        var all = tensor(population.SelectMany(member => member).ToArray()).to(like.dtype).to(like.device).view(population.Length, -1, outputs);
        var inputs = all.shape[1] - (options.Controller.Bias ? 1 : 0);
        return (all.narrow(1, all.shape[1] - inputs, inputs), options.Controller.Bias ? all.narrow(1, 0, 1) : zeros([1], like.dtype, like.device));
    }

    // Thousands of steps must not pile up.
    private static Tensor Replace(Tensor held, Tensor by)
    {
        held.Dispose();
        return by.MoveToOuterDisposeScope();
    }
}
