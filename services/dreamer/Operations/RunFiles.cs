using System.Text.Json;
using Dreamer.Environments;
using Dreamer.Hosting;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Settings;

namespace Dreamer.Operations;

/// <summary>What the files of a run tell of it, whether it runs or not. Changes nothing.</summary>
internal sealed class RunFiles
{
    private const int TailBytes = 256 << 10;
    private const int Scores = 20;

    private readonly DreamerConfiguration _configuration;

    private RunFiles(string directory, DreamerConfiguration configuration) => (Directory, _configuration) = (directory, configuration);

    /// <summary>Full path of the logdir.</summary>
    public string Directory { get; }

    /// <summary>Task, agent and seed.</summary>
    public string Name => $"{_configuration.Bind<EnvironmentOptions>("env").Name} {Settings.Agent} seed {Settings.Seed}";

    /// <summary>Environment steps at which training ends.</summary>
    public long Steps => Settings.Steps;

    /// <summary>Environment steps per agent step.</summary>
    public int ActionRepeat => _configuration.Bind<EnvironmentOptions>("env").ActionRepeat;

    /// <summary>Whether a learner writes here now.</summary>
    public bool InUse => RunLock.IsHeld(Directory);

    /// <summary>Updates of the newest checkpoint and when it was saved; null for none.</summary>
    public (long Updates, DateTime Saved)? Checkpoint
    {
        get
        {
            var checkpoints = new DirectoryInfo(Path.Combine(Directory, "checkpoints"));
            var newest = checkpoints.Exists ? checkpoints.GetDirectories("update-*").MaxBy(checkpoint => checkpoint.Name, StringComparer.Ordinal) : null;
            return newest is not null && long.TryParse(newest.Name.Split('-')[1], out var updates) ? (updates, newest.LastWriteTimeUtc) : null;
        }
    }

    private RunSettings Settings => _configuration.Bind<RunSettings>("");

    /// <exception cref="UserErrorException">It is no run.</exception>
    public static RunFiles Open(string logdir)
    {
        logdir = Path.GetFullPath(logdir);
        var config = Path.Combine(logdir, "config.yaml");
        return File.Exists(config)
            ? new RunFiles(logdir, ConfigurationLoader.Load(new ConfigurationRequest(["--settings", config]) { Environment = new Dictionary<string, string>() }))
            : throw new UserErrorException($"--logdir: {logdir} holds no config.yaml; name the directory of a run", ExitCode.Usage);
    }

    /// <summary>Newest value of each metric, the mean of the last scores as <c>episode/score</c>; what was never logged is missing.</summary>
    public IReadOnlyDictionary<string, double> Metrics()
    {
        var newest = new Dictionary<string, double>(StringComparer.Ordinal);
        var scores = new Queue<double>();
        foreach (var line in Tail("metrics.jsonl"))
        {
            var training = line.TryGetProperty("train/updates", out _);
            foreach (var field in line.EnumerateObject().Where(field => field.Value.ValueKind == JsonValueKind.Number && (training || field.Name != "step")))
            {
                newest[field.Name] = field.Value.GetDouble();
            }

            if (line.TryGetProperty("episode/score", out var score) && score.ValueKind == JsonValueKind.Number)
            {
                scores.Enqueue(score.GetDouble());
                if (scores.Count > Scores)
                {
                    scores.Dequeue();
                }
            }
        }

        if (scores.Count > 0)
        {
            newest["episode/score"] = scores.Average();
        }

        return newest;
    }

    // Whole lines of the end of a file that may still be written.
    private IEnumerable<JsonElement> Tail(string name)
    {
        var path = Path.Combine(Directory, name);
        if (!File.Exists(path))
        {
            yield break;
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var from = Math.Max(0, file.Length - TailBytes);
        file.Position = from;
        var text = new StreamReader(file).ReadToEnd();
        text = text[..(text.LastIndexOf('\n') + 1)];
        foreach (var line in (from > 0 ? text[(text.IndexOf('\n') + 1)..] : text).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var document = JsonDocument.Parse(line);
            yield return document.RootElement.Clone();
        }
    }
}
