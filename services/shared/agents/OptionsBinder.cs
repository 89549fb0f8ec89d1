namespace Dreamer.Agents;

/// <summary>Fills a record of options from the settings section of that name.</summary>
/// <param name="options">Type of the record.</param>
/// <param name="section">The agent's name.</param>
/// <exception cref="ArgumentException">A value cannot work; the message says what to change.</exception>
public delegate object OptionsBinder(Type options, string section);
