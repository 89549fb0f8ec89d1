namespace Dreamer.Agents;

/// <summary>What is done to the actions that collect experience; evaluation goes without.</summary>
public sealed record ExplorationOptions
{
    /// <summary>Standard deviation of the noise on continuous actions, or the share of random discrete actions.</summary>
    public double Amount { get; init; } = 0.3;

    /// <summary>What the amount falls to.</summary>
    public double Least { get; init; }

    /// <summary>Updates over which it falls linearly by the whole amount; 0 keeps it.</summary>
    public double AnnealUpdates { get; init; }

    /// <summary>The amount after that many updates.</summary>
    public double At(long updates) =>
        AnnealUpdates == 0 ? Amount : Math.Max(Least, Amount * (1 - updates / AnnealUpdates));

    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public void Validate()
    {
        if (Amount is < 0 or > 1 || Least < 0 || Least > Amount || AnnealUpdates < 0)
        {
            throw new ArgumentException("exploration.amount must lie between 0 and 1, exploration.least between 0 and the amount, and exploration.anneal_updates must not be negative");
        }
    }
}
