using System.CommandLine;
using Dreamer.Actor;
using Dreamer.Learner;
using Dreamer.Replay;

namespace Dreamer.Commands;

/// <summary>The services of the distributed topology, one process each.</summary>
internal static class ServiceCommands
{
    public static IEnumerable<Command> Create() =>
    [
        SettingsCommand.Create("replay", "Runs the replay service.", (_, configuration, cancellation) => ReplayHost.RunAsync(configuration, cancellation)),
        SettingsCommand.Create("relay", "Passes the weights on to the actors near it (actor.weights_address).", (_, configuration, cancellation) => RelayHost.RunAsync(configuration, cancellation)),
        SettingsCommand.Create("learner", "Runs the learner.", (_, configuration, cancellation) => LearnerHost.RunAsync(configuration, cancellation)),
        SettingsCommand.Create("actor", "Runs one actor.", (_, configuration, cancellation) => ActorHost.RunAsync(configuration, cancellation)),
    ];
}
