namespace Dreamer.Hosting.Telemetry;

/// <summary>Definition of one instrument.</summary>
/// <param name="Name">Dotted, without the unit.</param>
/// <param name="Kind">How measurements are put together.</param>
/// <param name="Unit">UCUM: <c>s</c>, <c>By</c>, <c>1</c>, <c>{step}</c>.</param>
/// <param name="Description">One sentence.</param>
/// <param name="Attributes">Its attribute and its few values, <c>side: insert, sample</c>; empty for none.</param>
public sealed record InstrumentInfo(string Name, InstrumentKind Kind, string Unit, string Description, string Attributes = "")
{
    /// <summary>A set of attributes per value that <see cref="Attributes"/> names.</summary>
    internal IEnumerable<KeyValuePair<string, object?>[]> KnownAttributes => Attributes.Split(": ") is [var name, var values]
        ? values.Split(", ").Select(value => new[] { KeyValuePair.Create<string, object?>(name, value) })
        : [];
}
