namespace Dreamer.Environments.Rendering;

/// <summary>A colour, 8 bits per channel.</summary>
public readonly record struct Rgb(byte R, byte G, byte B);
