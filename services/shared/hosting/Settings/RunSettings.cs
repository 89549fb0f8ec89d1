using System.ComponentModel.DataAnnotations;

namespace Dreamer.Hosting.Settings;

/// <summary>The top level of the configuration.</summary>
public sealed record RunSettings
{
    /// <summary>Which agent of the family learns, e.g. <c>dreamer_v3</c>.</summary>
    public string Agent { get; init; } = "";

    /// <summary>Seed of environments, policies, sampler and initial weights.</summary>
    [Range(0, double.MaxValue)]
    public long Seed { get; init; }

    /// <summary>Directory of metrics and checkpoints; the same one resumes.</summary>
    [Required(ErrorMessage = "name the directory that metrics and checkpoints go to")]
    public string Logdir { get; init; } = "";

    /// <summary>Environment steps (frames) after which training ends.</summary>
    [Range(1, 1e15)]
    public long Steps { get; init; }

    /// <summary>Where the learner computes: <c>cpu</c> or <c>cuda</c>.</summary>
    [AllowedValues("cpu", "cuda")]
    public string Device { get; init; } = "";

    /// <summary>Threads of the tensor library, 0 for all cores.</summary>
    [Range(0, 1024)]
    public int Threads { get; init; }
}
