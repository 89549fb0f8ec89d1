namespace Dreamer.Remote;

/// <summary>The other end of an environment's connection is away, silent, or says what we cannot use; the message names the remedy.</summary>
public sealed class RemoteEnvironmentException(string message, Exception? cause = null) : IOException(message, cause);
