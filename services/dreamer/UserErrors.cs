using Dreamer.Agents.Checkpoints;
using Dreamer.Contracts;
using Dreamer.Environments;
using Dreamer.Environments.Mujoco;
using Dreamer.Experience;
using Dreamer.Policies;
using Dreamer.Reporting;

namespace Dreamer;

/// <summary>Errors of the libraries whose message is all that a person needs.</summary>
internal static class UserErrors
{
    /// <summary>Whether the message alone is to be printed, without a stack trace.</summary>
    public static bool Recognise(Exception error) => error is UnknownEnvironmentException or EnvironmentFailedException or MujocoException
        or CheckpointException or CheckpointMismatchException or LogdirInUseException or SchemaMismatchException
        or StoreUnavailableException or StoreFullException or StoreFencedException or InvalidMessageException or PolicyFormatException or NotSupportedException
        or ArgumentException { ParamName: null };
}
