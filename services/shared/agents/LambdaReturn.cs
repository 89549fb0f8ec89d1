using static TorchSharp.torch;

namespace Dreamer.Agents;

/// <summary>
/// Lambda-returns. DreamerV3's exclude the reward received on arriving at a state from its value; those of V1 and V2 include it
/// (spec 0.1).
/// </summary>
public static class LambdaReturn
{
    /// <summary>
    /// G_t = r_{t+1} + c_{t+1} [(1 - l) v_{t+1} + l G_{t+1}], G_H = v_H. The discount is part of the continuation.
    /// </summary>
    /// <param name="reward">[H+1, N]; the first row is not used.</param>
    /// <param name="continuation">[H+1, N] discount times the probability to go on.</param>
    /// <param name="value">[H+1, N]</param>
    /// <returns>[H, N]</returns>
    public static Tensor Imagined(Tensor reward, Tensor continuation, Tensor value, double lambda)
    {
        var live = continuation * lambda;
        return Scan(reward + continuation * value * (1 - lambda), live, value);
    }

    /// <summary>
    /// The same over replayed steps: G_t = r_{t+1} + (1 - k) live boot_{t+1} + live k G_{t+1} with live = (1 - terminal_{t+1}) discount and
    /// k = (1 - last_{t+1}) l; an episode border cuts the chain. The last row is the bootstrap.
    /// </summary>
    /// <param name="last">[T, B] 1 at the last record of an episode.</param>
    /// <param name="terminal">[T, B] 1 at a true end.</param>
    /// <param name="bootstrap">[T, B] value estimate of each state.</param>
    /// <returns>[T-1, B]</returns>
    public static Tensor Replayed(Tensor reward, Tensor last, Tensor terminal, Tensor bootstrap, double discount, double lambda)
    {
        var live = (1 - terminal) * discount;
        var chain = (1 - last) * lambda;
        return Scan(reward + (1 - chain) * live * bootstrap, live * chain, bootstrap);
    }

    /// <summary>
    /// The rule of V1 and V2: G_t = r_t + d_t [(1 - l) v_{t+1} + l G_{t+1}], where the bootstrap stands for what follows the last row.
    /// </summary>
    /// <param name="reward">[H, N] received on arriving at each state.</param>
    /// <param name="discount">[H, N]</param>
    /// <param name="value">[H, N]; the first row is not used.</param>
    /// <param name="bootstrap">[N] value of the state after the last.</param>
    /// <returns>[H, N]</returns>
    public static Tensor Arriving(Tensor reward, Tensor discount, Tensor value, Tensor bootstrap, double lambda)
    {
        var steps = (int)reward.shape[0];
        var results = new Tensor[steps];
        var (next, following) = (bootstrap, bootstrap);
        for (var t = steps - 1; t >= 0; t--)
        {
            next = reward.select(0, t).addcmul(discount.select(0, t), following * (1 - lambda) + next * lambda, 1);
            (results[t], following) = (next, value.select(0, t));
        }

        return stack(results, 0);
    }

    // G_t = a_{t+1} + b_{t+1} G_{t+1}, from the end.
    private static Tensor Scan(Tensor addend, Tensor factor, Tensor bootstrap)
    {
        var steps = (int)addend.shape[0] - 1;
        var results = new Tensor[steps];
        var next = bootstrap.select(0, steps);
        for (var t = steps - 1; t >= 0; t--)
        {
            next = addend.select(0, t + 1).addcmul(factor.select(0, t + 1), next, 1);
            results[t] = next;
        }

        return stack(results, 0);
    }
}
