namespace Dreamer.Hosting.Edge;

/// <summary>What peers of a gRPC server may take.</summary>
/// <param name="MaxMessageBytes">A larger message is refused before it is read.</param>
/// <param name="CallsPerAddress">Calls that one address may have open; 0 for any number.</param>
public sealed record EdgeLimits(int MaxMessageBytes, int CallsPerAddress = 0)
{
    /// <summary>Key of the client's token, for refusals.</summary>
    public string TokenSetting { get; init; } = "replay.token_file";

    /// <summary>Key of <see cref="CallsPerAddress"/>, for refusals.</summary>
    public string CallsSetting { get; init; } = "replay.limits.calls_per_address";
}
