using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;

namespace Dreamer.Hosting.Settings;

/// <summary>Section <c>learner</c>.</summary>
public sealed record LearnerSettings
{
    /// <summary>Updates between two policies.</summary>
    [Range(1, int.MaxValue)]
    public int PublishUpdates { get; init; }

    /// <summary>Seconds between two policies; whichever comes first.</summary>
    [Range(0.0, 1e6)]
    public double PublishSeconds { get; init; }

    [Range(0.1, 1e6)]
    public double CheckpointSeconds { get; init; }

    /// <summary>Checkpoints kept; at least 2 so that a torn one has a predecessor.</summary>
    [Range(2, 1000)]
    public int KeepCheckpoints { get; init; }

    [Range(0.1, 1e6)]
    public double LogSeconds { get; init; }

    /// <summary>Seconds between open-loop pictures, 0 for none.</summary>
    [Range(0.0, 1e6)]
    public double ReportSeconds { get; init; }

    /// <summary>Seconds between films of an episode played with the newest weights, 0 for none.</summary>
    [Range(0.0, 1e6)]
    public double FilmSeconds { get; init; }

    /// <summary>Whether to write TensorBoard's event files beside <c>metrics.jsonl</c>.</summary>
    public bool Tensorboard { get; init; }

    /// <summary>Batches read ahead.</summary>
    [Range(1, 64)]
    public int Prefetch { get; init; }

    /// <summary>Memory for refreshed recurrent state.</summary>
    [Range(0, 1e15)]
    public long CarryCacheBytes { get; init; }

    /// <summary>HTTP/1 address of health and metrics, empty for none.</summary>
    public string HealthListen { get; init; } = "";

    /// <summary>HTTP/1 address of the run's page, empty for none.</summary>
    public string WebListen { get; init; } = "";

    /// <summary>Names that the page is served as, beside <c>localhost</c>, the machine's own and addresses.</summary>
    public ImmutableArray<string> WebHosts { get; init; } = [];

    /// <summary>File with the tokens that open the page, one a line; empty: nobody is asked.</summary>
    public string WebTokenFile { get; init; } = "";
}
