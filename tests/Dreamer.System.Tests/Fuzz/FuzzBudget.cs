using System.Globalization;

namespace Dreamer.System.Tests.Fuzz;

/// <summary>
/// How much is thrown: a share of seconds with a fixed seed, or, with <c>DREAMER_FUZZ=100000</c>, that many messages over the rpcs and as many
/// stored records; <c>DREAMER_FUZZ_SEED</c> throws others.
/// </summary>
internal static class FuzzBudget
{
    public static int Seed => Read("DREAMER_FUZZ_SEED", 1);

    /// <summary>Messages or records of a test that has this share of the whole.</summary>
    public static int Of(int fast, double share) => Read("DREAMER_FUZZ", 0) is > 0 and var whole ? (int)Math.Ceiling(whole * share) : fast;

    private static int Read(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
