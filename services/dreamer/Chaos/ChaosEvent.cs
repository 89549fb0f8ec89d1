namespace Dreamer.Chaos;

/// <summary>One fault.</summary>
/// <param name="At">Seconds since the beginning.</param>
/// <param name="Until">When a frozen process went on; else the same.</param>
/// <param name="Victim">Member of the topology, e.g. <c>actor-0</c>.</param>
/// <param name="Process">Its process id.</param>
/// <param name="Act">What was done.</param>
/// <param name="Calm">Everything else was up and connected then, and had been for a while; an actor had also handed everything in.</param>
/// <param name="Mark">What an actor said last; null where it did not answer, and for others.</param>
internal sealed record ChaosEvent(double At, double Until, string Victim, int Process, ChaosAct Act, bool Calm, ActorMark? Mark = null)
{
    /// <summary>The member without its number.</summary>
    public string Role => Victim.Split('-')[0];
}
