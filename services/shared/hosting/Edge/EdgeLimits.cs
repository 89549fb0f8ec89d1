namespace Dreamer.Hosting.Edge;

/// <summary>What peers of a gRPC server may take.</summary>
/// <param name="MaxMessageBytes">A larger message is refused before it is read.</param>
/// <param name="CallsPerAddress">Calls that one address may have open; 0 for any number.</param>
public sealed record EdgeLimits(int MaxMessageBytes, int CallsPerAddress = 0)
{
    /// <summary>Calls that one role at one address may begin per second; 0 for any number.</summary>
    public int CallsPerSecond { get; init; }

    /// <summary>Bytes that are read of one role at one address per second; 0 for any number.</summary>
    public long BytesPerSecond { get; init; }

    /// <summary>Key of the client's token, for refusals.</summary>
    public string TokenSetting { get; init; } = "replay.token_file";

    /// <summary>Key of <see cref="CallsPerAddress"/>, for refusals.</summary>
    public string CallsSetting { get; init; } = "replay.limits.calls_per_address";

    /// <summary>Key of <see cref="CallsPerSecond"/>, for refusals.</summary>
    public string RateSetting { get; init; } = "replay.limits.calls_per_second";
}
