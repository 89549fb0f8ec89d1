using System.ComponentModel.DataAnnotations;

namespace Dreamer.Hosting.Settings;

/// <summary>Section <c>eval</c>: episodes that are played for their score alone.</summary>
public sealed record EvaluationSettings
{
    /// <summary>Environment steps of training between two evaluated policies; 0: in one process none, evaluation actors take each as it comes.</summary>
    [Range(0, 1e15)]
    public long Every { get; init; }

    /// <summary>Episodes per policy.</summary>
    [Range(1, 1024)]
    public int Episodes { get; init; }
}
