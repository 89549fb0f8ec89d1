namespace Dreamer.Hosting.Edge;

/// <summary>What peers of a gRPC server may take.</summary>
/// <param name="MaxMessageBytes">A larger message is refused before it is read.</param>
/// <param name="CallsPerAddress">Calls that one address may have open; 0 for any number.</param>
public sealed record EdgeLimits(int MaxMessageBytes, int CallsPerAddress = 0);
