using System.Text.Json;
using Dreamer.System.Tests.Processes;

namespace Dreamer.System.Tests.Observability;

/// <summary>Real processes that send their spans to a receiver, and log in JSON.</summary>
public sealed class TraceTests
{
    private static readonly string[] Way =
        ["environment steps", "write chunk", "commit chunk", "plan batch", "fetch batch", "update", "publish weights", "swap weights"];

    [Fact]
    public async Task One_trace_shows_a_chunk_s_way_from_the_environment_to_the_gradient_and_back()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var cluster = new Cluster("--telemetry.trace_ratio", "1", "--telemetry.log_format", "json", "--telemetry.log_level", "debug")
            .With(receiver.Variables);
        var (replay, learner, actors) = await cluster.StartAllAsync(2);
        OtlpSpan[] chain = [];
        await Until.HoldsAsync("a trace from the environment to the swap", () => (chain = Chain(receiver.Spans)).Length > 0, () => $"{Summary(receiver.Spans)}\n{cluster.Said}");

        Assert.Equal(
            ["dreamer-actor", "dreamer-actor", "dreamer-replay", "dreamer-replay", "dreamer-learner", "dreamer-learner", "dreamer-learner", "dreamer-actor"],
            chain.Select(span => span.Service));
        Assert.Single(chain.Select(span => span.Trace).Distinct());
        Assert.All(chain, span => Assert.Equal("run", span.Run));
        Assert.Equal(62, int.Parse(chain[0].Attributes["steps"]));
        Assert.Equal((chain[1].Attributes["stream"], chain[1].Attributes["sequence"]), (chain[2].Attributes["stream"], chain[2].Attributes["sequence"]));
        Assert.Equal(chain[6].Attributes["version"], chain[7].Attributes["version"]);

        // The plan's span begins with the request, which may be older than the chunk that it waits for.
        Assert.All(chain, span => Assert.True(span.End >= span.Start));
        Assert.All(chain.Zip(chain.Skip(1)), pair => Assert.True(pair.Second.End >= pair.First.Start, $"{pair.Second.Name} ends before {pair.First.Name} begins"));
        Assert.True(chain[0].End <= chain[1].End && chain[0].Start < chain[0].End);

        // A batch has more chunks than its trace can be of: it links to the others, which it knows by their commits.
        // A commit may end, and come, after a plan that draws from it.
        await Until.HoldsAsync("a plan of several followed chunks", () => LinksCommits(receiver.Spans), () => Summary(receiver.Spans));
        Assert.All(receiver.Spans, span => Assert.InRange(span.Links.Count, 0, 32));

        await cluster.TerminateAsync(actors);
        await cluster.TerminateAsync(learner);
        await cluster.TerminateAsync(replay);
        AssertLogs(replay, "dreamer-replay");
        AssertLogs(learner, "dreamer-learner");
        Assert.All(actors, actor => AssertLogs(actor, "dreamer-actor"));
        var committed = Records(replay).Where(record => record.TryGetProperty("sequence", out _)).ToArray();
        Assert.NotEmpty(committed);
        Assert.All(committed, record => Assert.Equal((32, true), (record.GetProperty("stream").GetString()!.Length, record.GetProperty("actor").GetString()!.StartsWith("actor-", StringComparison.Ordinal))));
        Assert.Contains(committed, record => record.GetProperty("stream").GetString() == chain[2].Attributes["stream"] && $"{record.GetProperty("sequence")}" == chain[2].Attributes["sequence"]);
    }

    private static OtlpSpan[] Chain(IReadOnlyList<OtlpSpan> spans)
    {
        var byId = spans.DistinctBy(span => span.Id).ToDictionary(span => span.Id);
        foreach (var last in spans.Where(span => span.Name == Way[^1]))
        {
            var chain = new List<OtlpSpan> { last };
            while (byId.TryGetValue(chain[0].Parent, out var parent))
            {
                chain.Insert(0, parent);
            }

            if (chain.Select(span => span.Name).SequenceEqual(Way) && chain[0].Parent.Length == 0)
            {
                return [.. chain];
            }
        }

        return [];
    }

    private static bool LinksCommits(IReadOnlyList<OtlpSpan> spans)
    {
        var commits = spans.Where(span => span.Name == "commit chunk").Select(span => span.Id).ToHashSet();
        return spans.Any(span => span.Name == "plan batch" && span.Links.Count > 0 && span.Links.All(commits.Contains));
    }

    private static string Summary(IReadOnlyList<OtlpSpan> spans) =>
        string.Join('\n', spans.GroupBy(span => (span.Service, span.Name)).Select(group => $"{group.Key}: {group.Count()}, {group.Count(span => span.Parent.Length > 0)} with a parent"));

    private static void AssertLogs(ChildProcess process, string service) => Assert.All(
        Records(process),
        record => Assert.Equal((service, "run"), (record.GetProperty("service").GetString(), record.GetProperty("run").GetString())));

    /// <summary>Every line on stderr; one that is no JSON fails.</summary>
    private static IReadOnlyList<JsonElement> Records(ChildProcess process) =>
        [.. process.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
}
