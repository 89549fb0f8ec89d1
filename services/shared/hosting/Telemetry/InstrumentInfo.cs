namespace Dreamer.Hosting.Telemetry;

/// <summary>Definition of one instrument.</summary>
/// <param name="Name">Dotted, without the unit.</param>
/// <param name="Kind">How measurements are put together.</param>
/// <param name="Unit">UCUM: <c>s</c>, <c>By</c>, <c>1</c>, <c>{step}</c>.</param>
/// <param name="Description">One sentence.</param>
/// <param name="Attributes">Names of its attributes and their few values; empty for none.</param>
public sealed record InstrumentInfo(string Name, InstrumentKind Kind, string Unit, string Description, string Attributes = "");
