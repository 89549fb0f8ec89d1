using System.Collections.Immutable;
using Dreamer.Environments.CarRacing;
using Dreamer.Environments.Control;
using Dreamer.Environments.Fakes;

namespace Dreamer.Environments;

/// <summary>Which task to run and how it is shown. Plain values: every actor builds its environments from them.</summary>
public sealed record EnvironmentOptions
{
    /// <summary>A name that <see cref="EnvironmentRegistry"/> knows.</summary>
    public string Name { get; init; } = "CartPole-v1";

    /// <summary>Environment steps per action, at least 1; their rewards are summed.</summary>
    public int ActionRepeat { get; init; } = 1;

    /// <summary>Environment steps (repeats counted) after which an episode is cut; 0 takes the task's own limit.</summary>
    public int TimeLimit { get; init; }

    /// <summary>Vector, image or both.</summary>
    public ObservationKind Observation { get; init; } = ObservationKind.Vector;

    /// <summary>Height and width of the image in pixels, 8 to 1024.</summary>
    public int Size { get; init; } = 64;

    /// <summary>Shows images by their brightness alone, with one channel.</summary>
    public bool Grayscale { get; init; }

    /// <summary>Shows categories as one-hot vectors.</summary>
    public bool OneHot { get; init; }

    /// <summary>Images show the brighter of the last two repeats of an action, pixel by pixel; needs <see cref="ActionRepeat"/> of 2 or more.</summary>
    public bool MaxPool { get; init; }

    /// <summary>Who draws the images of names that begin with <c>dmc_</c>.</summary>
    public RendererKind Renderer { get; init; }

    /// <summary>File of MuJoCo's library, for names that begin with <c>dmc_</c>; empty takes the installed one.</summary>
    public string Mujoco { get; init; } = "";

    /// <summary>
    /// Size of a task that comes in sizes, 1 to 100; 0 takes the task's own. Rows of <c>bsuite_deep_sea</c>, steps of
    /// <c>bsuite_memory_chain</c> and <c>bsuite_umbrella_chain</c>, the better chain (1 to 5) of <c>bsuite_discounting_chain</c>.
    /// </summary>
    public int Difficulty { get; init; }

    /// <summary>Directory with the PNG tiles of the original Crafter, on every machine that draws them; empty for the built-in ones.</summary>
    public string CrafterAssets { get; init; } = "";

    /// <summary>Only for <c>CarRacing-v3</c>.</summary>
    public CarRacingOptions CarRacing { get; init; } = new();

    /// <summary>Only for the environment named <c>fake</c>.</summary>
    public FakeOptions Fake { get; init; } = new();

    /// <summary>Only for environments behind dm_env_rpc.</summary>
    public RemoteOptions Remote { get; init; } = new();

    /// <exception cref="ArgumentException">There is no such environment, or a value is out of range; the message names the setting.</exception>
    public void Validate()
    {
        EnvironmentRegistry.Find(Name);
        Require(ActionRepeat >= 1, "action_repeat must be at least 1", ActionRepeat);
        Require(TimeLimit >= 0, "time_limit must be 0 (the task's own) or a number of steps", TimeLimit);
        Require(Size is >= 8 and <= 1024, "size must be 8 to 1024 pixels", Size);
        Require(!MaxPool || ActionRepeat >= 2, "max_pool needs action_repeat of at least 2", ActionRepeat);
        Require(Enum.IsDefined(Renderer), "renderer must be software or mujoco", Renderer);
        Require(Renderer == RendererKind.Software || Size <= MujocoPicture.LargestSize, $"size must be at most {MujocoPicture.LargestSize} with env.renderer mujoco", Size);
        Require(Enum.IsDefined(Observation), "observation must be vector, image or both", Observation);
        Require(CarRacing.Rules is CarRacingOptions.Gymnasium or CarRacingOptions.Of2017, "car_racing.rules must be v3 or 2017", CarRacing.Rules);
        Require(Difficulty is >= 0 and <= 100, "difficulty must be 0 (the task's own) or a size up to 100", Difficulty);
        Require(Fake.VectorSize >= 4, "fake.vector_size must be at least 4", Fake.VectorSize);
        Require(Fake.EpisodeLength >= 1, "fake.episode_length must be at least 1", Fake.EpisodeLength);
        Require(Fake.StepMilliseconds >= 0, "fake.step_milliseconds must not be negative", Fake.StepMilliseconds);
        Require(Fake.FailAfter >= 0, "fake.fail_after must be 0 (never) or a number of steps", Fake.FailAfter);
        Require(Fake.HangAfter >= 0, "fake.hang_after must be 0 (never) or a number of steps", Fake.HangAfter);
        RequireSettings("create", Remote.Create);
        RequireSettings("join", Remote.Join);
        Require(Remote.ConnectTimeoutSeconds is > 0 and <= 86400, "remote.connect_timeout_seconds must be above 0 and at most 86400", Remote.ConnectTimeoutSeconds);
        Require(Remote.StepTimeoutSeconds is > 0 and <= 86400, "remote.step_timeout_seconds must be above 0 and at most 86400", Remote.StepTimeoutSeconds);
    }

    private static void RequireSettings(string key, ImmutableArray<string> settings)
    {
        foreach (var setting in settings)
        {
            Require(setting.IndexOf('=') > 0, $"remote.{key} takes KEY=VALUE, separated by commas", $"'{setting}'");
        }
    }

    private static void Require<T>(bool fulfilled, string rule, T value)
    {
        if (!fulfilled)
        {
            throw new ArgumentException($"env.{rule}, got {value}.");
        }
    }
}
