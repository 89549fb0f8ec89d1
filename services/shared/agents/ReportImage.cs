namespace Dreamer.Agents;

/// <summary>A picture for the log.</summary>
/// <param name="Name">What it shows, e.g. <c>openloop/image</c>.</param>
/// <param name="Pixels">uint8 [Frames, Height, Width, Channels].</param>
/// <param name="Frames">1 for a still.</param>
/// <param name="Channels">1 or 3.</param>
public sealed record ReportImage(string Name, byte[] Pixels, int Frames, int Height, int Width, int Channels);
