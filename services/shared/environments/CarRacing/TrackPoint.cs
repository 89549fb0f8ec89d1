namespace Dreamer.Environments.CarRacing;

/// <summary>A point of the centre line: its bearing from the middle of the field, the road's direction there, and its place in metres.</summary>
internal readonly record struct TrackPoint(double Bearing, double Heading, double X, double Y);
