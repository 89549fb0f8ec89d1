namespace Dreamer.Chaos;

/// <summary>What is done to a process.</summary>
internal enum ChaosAct
{
    /// <summary>kill -9.</summary>
    Kill,

    /// <summary>SIGTERM.</summary>
    Terminate,

    /// <summary>SIGTERM to an actor that leaves at will.</summary>
    Leave,

    /// <summary>SIGSTOP, and SIGCONT after a while.</summary>
    Freeze,
}
