using Dreamer.Spaces;

namespace Dreamer.Reporting;

/// <summary>Another process writes to this logdir.</summary>
public sealed class LogdirInUseException(string path, Exception cause)
    : IOException($"logdir: {path} is in use by another process; stop it or choose another directory with --logdir.", cause), IPlainError;
