namespace Dreamer.Hosting.Configuration;

/// <summary>One leaf of the resolved tree.</summary>
/// <param name="Key">Dotted path, e.g. <c>replay.capacity_steps</c>.</param>
/// <param name="Value">As written; lists are comma separated.</param>
/// <param name="Kind">Kind of its default; every layer's value has been checked against it.</param>
/// <param name="Source">Where the value came from: <c>defaults</c>, <c>preset cartpole</c>, <c>dreamer.yaml:3</c>, an environment variable or a flag.</param>
public sealed record Setting(string Key, string Value, SettingKind Kind, string Source);
