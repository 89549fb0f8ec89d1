namespace Dreamer.Environments;

/// <summary>Builds a bare task, without time limit or action repeat.</summary>
internal delegate IEnvironment EnvironmentFactory(EnvironmentOptions options, ulong seed);
