namespace Dreamer.Environments.MinAtar;

/// <summary>The six actions that every game takes; one that a game has no use for does nothing.</summary>
public enum MinAtarAction
{
    Stay,
    Left,
    Up,
    Right,
    Down,
    Fire,
}
