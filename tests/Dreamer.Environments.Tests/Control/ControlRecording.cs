using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dreamer.Environments.Tests.Control;

/// <summary>Episodes of one task as dm_control played them, with numbers of the compiled model.</summary>
public sealed record ControlRecording(
    [property: JsonPropertyName("seed")] uint Seed,
    [property: JsonPropertyName("timestep")] double TimeStep,
    [property: JsonPropertyName("n_sub_steps")] int SubSteps,
    [property: JsonPropertyName("step_limit")] double StepLimit,
    [property: JsonPropertyName("integrator")] int Integrator,
    [property: JsonPropertyName("action_min")] double[] ActionLow,
    [property: JsonPropertyName("action_max")] double[] ActionHigh,
    [property: JsonPropertyName("compiled")] Dictionary<string, JsonElement> Compiled,
    [property: JsonPropertyName("episodes")] ControlRecording.Episode[] Episodes)
{
    public sealed record Episode(
        [property: JsonPropertyName("qpos0")] double[] Position,
        [property: JsonPropertyName("qvel0")] double[] Velocity,
        [property: JsonPropertyName("act0")] double[] Activation,
        [property: JsonPropertyName("obs0")] Dictionary<string, double[]> Observation,
        [property: JsonPropertyName("extra")] Places Extra,
        [property: JsonPropertyName("steps")] Step[] Steps);

    /// <summary>Where the task put the things that are not part of the state; empty where it moves none.</summary>
    public sealed record Places(
        [property: JsonPropertyName("geom_pos")] double[] Geoms,
        [property: JsonPropertyName("site_pos")] double[] Sites);

    public sealed record Step(
        [property: JsonPropertyName("a")] double[] Control,
        [property: JsonPropertyName("qpos")] double[] Position,
        [property: JsonPropertyName("qvel")] double[] Velocity,
        [property: JsonPropertyName("r")] double Reward,
        [property: JsonPropertyName("obs")] double[] Observation);

    public static ControlRecording Load(string environment) => Read<ControlRecording>($"{environment}.json.gz");

    public static T Read<T>(string resource)
    {
        using var stream = typeof(ControlRecording).Assembly.GetManifestResourceStream(resource)!;
        using var unpacked = new GZipStream(stream, CompressionMode.Decompress);
        return JsonSerializer.Deserialize<T>(unpacked)!;
    }
}
