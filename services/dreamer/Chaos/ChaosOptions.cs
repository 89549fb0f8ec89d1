namespace Dreamer.Chaos;

/// <summary>How long and how hard.</summary>
/// <param name="Length">Time during which faults happen.</param>
/// <param name="Kills">kill -9s after which that time is over; 0 for none.</param>
/// <param name="Every">Mean time between two faults.</param>
/// <param name="Calm">Share of the faults that wait until all is well again.</param>
/// <param name="Leave">Mean time between two times that actors leave at will; zero for never.</param>
/// <param name="Actors">Actor processes.</param>
/// <param name="Seed">Decides the faults.</param>
internal sealed record ChaosOptions(TimeSpan Length, int Kills, TimeSpan Every, double Calm, TimeSpan Leave, int Actors, int Seed);
