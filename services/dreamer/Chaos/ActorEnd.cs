namespace Dreamer.Chaos;

/// <summary>What became of the records of an actor that was killed or ended.</summary>
/// <param name="Lives">Of its environments.</param>
/// <param name="Calm">It was connected, the service had accepted all its chunks, and nothing else failed then or shortly after.</param>
/// <param name="Acknowledged">Records that it knew to be durable, by what it said last: they must be stored.</param>
/// <param name="Missing">Records that should be stored and are not.</param>
internal sealed record ActorEnd(IReadOnlyList<LifeAudit> Lives, bool Calm, long Acknowledged, long Missing)
{
    /// <summary>Records that its environments handed out last and that are not stored.</summary>
    public long Unsent => Lives.Sum(life => life.Tail);

    /// <summary>Judges an actor.</summary>
    /// <param name="lives">Of its environments.</param>
    /// <param name="faults">What was done to it.</param>
    /// <param name="stores">What was done to Redis and the replay service.</param>
    /// <param name="stepBytes">Size of a record.</param>
    public static ActorEnd Of(IReadOnlyList<LifeAudit> lives, IReadOnlyList<ChaosEvent> faults, IReadOnlyList<ChaosEvent> stores, int stepBytes)
    {
        var last = faults[^1];
        var told = last.Act is ChaosAct.Terminate or ChaosAct.Leave;
        var settling = told ? ChaosMonkey.Flushing : ChaosMonkey.Settling;
        var calm = last.Calm && !stores.Any(fault => fault.Until >= last.At && fault.At - last.At < settling.TotalSeconds);
        var there = lives.Sum(life => life.Stored + life.Lost);
        var held = lives.Count * (long)ChaosReport.HeldPerEnvironment;
        long Owed(Func<ActorMark, long> without) =>
            faults.Max(fault => fault.Mark is { } mark ? mark.Records - (without(mark) / stepBytes) - held : 0);

        var acknowledged = Math.Max(0, Owed(mark => mark.KeptBytes));
        var owed = calm ? Math.Max(acknowledged, Owed(mark => mark.PendingBytes)) : acknowledged;
        if (calm && faults.All(fault => fault.Act != ChaosAct.Kill))
        {
            // Who is told to end hands everything in.
            owed = lives.Sum(life => life.Written);
        }

        return new ActorEnd(lives, calm, acknowledged, Math.Max(0, owed - there));
    }
}
