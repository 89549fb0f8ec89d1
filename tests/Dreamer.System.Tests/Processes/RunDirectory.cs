using System.Text.Json;
using Dreamer.Experience;

namespace Dreamer.System.Tests.Processes;

/// <summary>What a run left in its logdir, read as another program would.</summary>
internal sealed class RunDirectory(string path)
{
    public string Path => path;

    /// <summary>Checkpoints, oldest first.</summary>
    public string[] Checkpoints => Directory.Exists(In("checkpoints"))
        ? [.. Directory.GetDirectories(In("checkpoints"), "update-*").Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Updates of the newest checkpoint.</summary>
    public long Updates => State().GetProperty("updates").GetInt64();

    /// <summary>Agent steps of the newest checkpoint.</summary>
    public long Steps => State().GetProperty("learner").GetProperty("InsertedSteps").GetInt64();

    /// <summary>Agent steps inserted at the first update, by the newest checkpoint.</summary>
    public long CountedFrom => State().GetProperty("learner").GetProperty("CountedFrom").GetInt64();

    /// <summary>Updates that were logged so far.</summary>
    public long LoggedUpdates =>
        Lines("metrics.jsonl").Select(line => line.TryGetProperty("train/updates", out var updates) ? updates.GetInt64() : 0).DefaultIfEmpty().Max();

    /// <summary>A file of the run.</summary>
    public string In(string name) => global::System.IO.Path.Combine(path, name);

    /// <summary>Whole lines of a JSON lines file that may still be written.</summary>
    public JsonElement[] Lines(string name)
    {
        if (!File.Exists(In(name)))
        {
            return [];
        }

        using var file = new StreamReader(new FileStream(In(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var text = file.ReadToEnd();
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    /// <summary>The journal of an embedded run that has ended.</summary>
    public Task<StoredExperience> ReadJournalAsync() =>
        StoredExperience.ReadAsync(MemoryChunkStore.OpenJournaled(In("replay"), TimeProvider.System));

    /// <summary>Name and content of every file of the checkpoints.</summary>
    public Dictionary<string, byte[]> CheckpointFiles() =>
        Directory.GetFiles(In("checkpoints"), "*", SearchOption.AllDirectories).ToDictionary(file => file, File.ReadAllBytes);

    private JsonElement State()
    {
        while (true)
        {
            var newest = Checkpoints[^1];
            try
            {
                return JsonDocument.Parse(File.ReadAllText(global::System.IO.Path.Combine(newest, "state.json"))).RootElement.GetProperty("values");
            }
            catch (IOException) when (Checkpoints[^1] != newest)
            {
                // The learner has saved others since, and removed this one.
            }
        }
    }
}
