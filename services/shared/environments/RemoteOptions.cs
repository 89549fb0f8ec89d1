using System.Collections.Immutable;
using Dreamer.Spaces;

namespace Dreamer.Environments;

/// <summary>How an environment behind dm_env_rpc is reached (<c>remote:HOST:PORT</c>).</summary>
public sealed record RemoteOptions
{
    /// <summary>Settings of CreateWorld, each <c>KEY=VALUE</c>: true or false, an integer, a number, else text.</summary>
    public ImmutableArray<string> Create { get; init; } = [];

    /// <summary>Settings of JoinWorld, in the same form.</summary>
    public ImmutableArray<string> Join { get; init; } = [];

    /// <summary>Name of the CreateWorld setting that carries the seed; empty where the server has none.</summary>
    public string SeedSetting { get; init; } = "seed";

    /// <summary>Observations to ask for; empty takes all.</summary>
    public ImmutableArray<string> Observations { get; init; } = [];

    /// <summary>Longest wait for the connection, and for each answer until the first step.</summary>
    public double ConnectTimeoutSeconds { get; init; } = 30;

    /// <summary>Longest wait for the answer to a step or a reset; then the environment counts as hung.</summary>
    public double StepTimeoutSeconds { get; init; } = 30;

    /// <summary>File with the bearer token that the client shows and the server of <c>dreamer env serve</c> asks for; empty for none.</summary>
    public string TokenFile { get; init; } = "";

    /// <summary>The client speaks TLS where it has authorities to trust, the server where it has a certificate.</summary>
    public TlsFiles Tls { get; init; } = new();
}
