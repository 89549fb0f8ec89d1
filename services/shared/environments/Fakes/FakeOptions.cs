using Dreamer.Spaces;

namespace Dreamer.Environments.Fakes;

/// <summary>How the environment named <c>fake</c> behaves.</summary>
public sealed record FakeOptions
{
    /// <summary>Elements of the vector observation, at least 4.</summary>
    public int VectorSize { get; init; } = 8;

    /// <summary>The action space.</summary>
    public ActionSpec Action { get; init; } = new(ActionKind.Discrete, 4);

    /// <summary>Steps per episode.</summary>
    public int EpisodeLength { get; init; } = 100;

    /// <summary>Whether the last record is terminal (a true end) or only last (a cut).</summary>
    public bool Terminates { get; init; } = true;

    /// <summary>Time that each step takes, as a costly simulator would.</summary>
    public int StepMilliseconds { get; init; }

    /// <summary>Steps after which the environment breaks down with an exception; 0 is never.</summary>
    public long FailAfter { get; init; }

    /// <summary>Steps after which the environment never answers again; 0 is never.</summary>
    public long HangAfter { get; init; }

    /// <summary>Directory where each life of an environment writes down what it hands out; empty for none. See <see cref="LedgerBook"/>.</summary>
    public string Ledger { get; init; } = "";
}
