namespace Dreamer.Experience;

public sealed class Batch
{
    public required int Rows { get; init; }
    public required int Length { get; init; }
    public required Dictionary<string, byte[]> Columns { get; init; }
    public required List<byte[]> State { get; init; }
    public ReadOnlyMemory<byte> Column(string key) => Columns[key];
}

public static class Schema
{
    public const string Action = "action";
    public const string Reward = "reward";
    public const string IsFirst = "is_first";
    public const string IsLast = "is_last";
    public const string IsTerminal = "is_terminal";
}
