namespace Dreamer.Environments.CarRacing;

/// <summary>Only for the environment <c>CarRacing-v3</c>.</summary>
public sealed record CarRacingOptions
{
    internal const string Gymnasium = "v3";
    internal const string Of2017 = "2017";

    /// <summary><c>v3</c>, or <c>2017</c> for the camera that World Models saw: it looks along the car's motion and shows more road.</summary>
    public string Rules { get; init; } = Gymnasium;

    /// <summary>Leaves out the dashboard below the road, as World Models does: rows 84 to 95 of 96.</summary>
    public bool Crop { get; init; } = true;
}
