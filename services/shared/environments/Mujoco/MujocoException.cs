using Dreamer.Spaces;

namespace Dreamer.Environments.Mujoco;

/// <summary>MuJoCo is missing, of an unknown version, or refused what it was given; the message says which and what helps.</summary>
public sealed class MujocoException(string message, Exception? cause = null) : Exception(message, cause), IPlainError;
