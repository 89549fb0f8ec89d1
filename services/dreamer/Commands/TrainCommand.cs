using System.CommandLine;
using Dreamer.Embedded;

namespace Dreamer.Commands;

/// <summary><c>dreamer train</c></summary>
internal static class TrainCommand
{
    public static Command Create() => SettingsCommand.Create(
        "train",
        "Trains in one process: actor, replay and learner together. Without settings: DreamerV3 on CartPole-v1. Ctrl+C saves; the same command resumes.",
        (_, configuration, cancellation) => EmbeddedTraining.RunAsync(configuration, cancellation),
        defaultPreset: "cartpole");
}
