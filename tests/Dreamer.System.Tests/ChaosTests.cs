using System.Text.Json;
using Dreamer.Chaos;
using Dreamer.Environments;
using Dreamer.Environments.Fakes;
using Dreamer.Experience;
using Dreamer.Spaces;
using Dreamer.System.Tests.Processes;

namespace Dreamer.System.Tests;

/// <summary><c>dreamer chaos</c>: a short run of it, and that its audit sees what it is there to see.</summary>
public sealed class ChaosTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Six_kills_while_actors_come_and_go_lose_double_and_alter_nothing()
    {
        await using var chaos = DreamerCommand.Start(
            _directory.Path, ["chaos", "--kills", "6", "--minutes", "10", "--every", "1.5", "--leave", "1.5", "--actors", "2", "--seed", "3", "--json", "--actor.flush_seconds", "50", "--logdir", _directory["run"]]);

        Assert.True(await chaos.ExitAsync(4 * Until.Limit) == 0, chaos.Said);
        var report = JsonDocument.Parse(chaos.Output).RootElement;
        long Number(string name) => report.GetProperty(name).GetInt64();
        Assert.Equal(6, report.GetProperty("kills").EnumerateObject().Sum(role => role.Value.GetInt32()));
        Assert.True(Number("left") >= 1, chaos.Said);
        Assert.True(Number("steps_stored") >= 1000, chaos.Said);
        Assert.Equal(Number("steps_handed_out"), Number("steps_stored") + Number("unsent_calm") + Number("unsent_cut_off"));
        Assert.InRange(report.GetProperty("realised_ratio").GetDouble(), 0.97, 1.2);
        Assert.Equal((0, 0, 0, 0, 0), (Number("lost"), Number("duplicated"), Number("altered"), Number("disordered"), Number("wrong_batches")));
        Assert.True(report.GetProperty("kept").GetBoolean());
    }

    [Theory]
    [InlineData("nothing", 0, 0, 0, 0, 0)]
    [InlineData("a chunk is missing", 10, 0, 0, 0, 10)]
    [InlineData("the last chunk is missing", 0, 5, 0, 0, 0)]
    [InlineData("a chunk is there twice", 0, 0, 10, 0, 10)]
    [InlineData("an observation is altered", 0, 0, 0, 1, 0)]
    [InlineData("a reward is altered", 0, 0, 0, 1, 0)]
    [InlineData("a flag is altered", 0, 0, 0, 1, 0)]
    [InlineData("two chunks are exchanged", 0, 0, 0, 0, 20)]
    public void The_audit_sees(string fault, int lost, int tail, int duplicated, int altered, int disordered)
    {
        var (schema, chunks) = Play(25);
        var audit = new ExperienceAudit(new LedgerBook(_directory["ledgers"]), schema);
        switch (fault)
        {
            case "a chunk is missing":
                chunks.RemoveAt(1);
                break;
            case "the last chunk is missing":
                chunks.RemoveAt(2);
                break;
            case "a chunk is there twice":
                chunks.Insert(1, chunks[1]);
                break;
            case "an observation is altered":
                Change(chunks[1], 0, 17);
                break;
            case "a reward is altered":
                Change(chunks[1], schema.RewardIndex, 9);
                break;
            case "a flag is altered":
                Change(chunks[1], schema.IsLastIndex, 3);
                break;
            case "two chunks are exchanged":
                (chunks[0], chunks[1]) = (chunks[1], chunks[0]);
                break;
        }

        foreach (var chunk in chunks)
        {
            audit.Add(new ChunkRecord(1, chunk.Stream, chunk.Sequence, chunk.Steps, 1, chunk.EndsStream, Abandoned: false), chunk);
        }

        var life = Assert.Single(audit.Lives());
        Assert.Equal((25L, Environment.ProcessId), (life.Written, life.Process));
        Assert.Equal((lost, tail, duplicated, altered), ((int)life.Lost, (int)life.Tail, (int)life.Duplicated, (int)life.Altered));
        Assert.Equal(disordered > 0, life.Disordered > 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public void A_life_whose_actor_was_killed_as_it_began_has_handed_nothing_out(int bytes)
    {
        Directory.CreateDirectory(_directory["ledgers"]);
        File.WriteAllBytes(Path.Combine(_directory["ledgers"], "life-00000"), new byte[bytes]);

        var begun = Assert.Single(new ExperienceAudit(new LedgerBook(_directory["ledgers"]), Play(5).Schema).Lives(), life => life.Life == 0);
        Assert.Equal((0L, 0L, 0L), (begun.Written, begun.Lost, begun.Tail));
    }

    // Records of 10 bytes, two environments: 1,000 handed out, the rest of the marks in records.
    [Theory]
    [InlineData("calm, an open chunk each", true, true, 1000, 400, 0, 1001, 902, 474, 0)]
    [InlineData("calm, a chunk more", true, true, 1000, 400, 0, 1001, 800, 474, 74)]
    [InlineData("cut off, what it had buffered", true, false, 1000, 400, 400, 1001, 474, 474, 0)]
    [InlineData("cut off, a durable chunk is gone", true, false, 1000, 400, 400, 1001, 410, 474, 64)]
    [InlineData("ended, all is there", false, true, 1000, 400, 0, 1010, 1010, 474, 0)]
    [InlineData("ended, its last step is gone", false, true, 1000, 400, 0, 1010, 1009, 474, 1)]
    public void What_a_killed_actor_owes(string actor, bool killed, bool calm, long records, long kept, long pending, long written, long stored, long acknowledged, long missing)
    {
        var half = new LifeAudit(0, 7, written - (written / 2), stored - (stored / 2), 0, (written - (written / 2)) - (stored - (stored / 2)), 0, 0, 0);
        var other = new LifeAudit(1, 7, written / 2, stored / 2, 0, (written / 2) - (stored / 2), 0, 0, 0);
        var end = new ChaosEvent(100, 100, "actor-0", 7, killed ? ChaosAct.Kill : ChaosAct.Terminate, calm, new ActorMark(records, kept * 10, pending * 10));

        var judged = ActorEnd.Of([half, other], [end], [new ChaosEvent(50, 50, "redis", 8, ChaosAct.Kill, Calm: true)], stepBytes: 10);

        Assert.True((acknowledged, missing, calm) == (judged.Acknowledged, judged.Missing, judged.Calm), $"{actor}: {judged}");
        Assert.Equal(written - stored, judged.Unsent);
        Assert.False(ActorEnd.Of([half, other], [end], [new ChaosEvent(101, 101, "redis", 8, ChaosAct.Kill, Calm: false)], stepBytes: 10).Calm);
    }

    /// <summary>What one environment hands out in so many records, as chunks of 10.</summary>
    private (Schema Schema, List<Chunk> Chunks) Play(int records)
    {
        using var environment = EnvironmentRegistry.Make(
            new EnvironmentOptions { Name = "fake", Fake = new FakeOptions { Ledger = _directory["ledgers"], EpisodeLength = 7 } }, seed: 0);
        var schema = Schema.For(environment.Spec, []);
        var builder = new ChunkBuilder(schema, StreamId.NewRandom(), 10);
        var chunks = new List<Chunk>();
        var step = new TimeStep(environment.Spec) { IsLast = true };
        for (var record = 0; record < records; record++)
        {
            if (step.IsLast)
            {
                environment.Reset(step);
            }
            else
            {
                environment.Step([1, 0, 0, 0], step);
            }

            chunks.AddRange(new[] { builder.TakeFull() }.OfType<Chunk>());
            builder.Add(step, [1, 0, 0, 0], [], policyVersion: 0);
        }

        chunks.Add(builder.End()!);
        return (schema, chunks);
    }

    private static void Change(Chunk chunk, int column, int at)
    {
        var changed = chunk.Columns[column].ToArray();
        changed[at] ^= 1;
        chunk.Columns[column] = changed;
    }
}
