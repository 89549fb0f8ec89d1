namespace Dreamer.Environments;

/// <summary>What an environment shows of its state.</summary>
public enum ObservationKind
{
    /// <summary>Key <c>vector</c>, float32 [n].</summary>
    Vector,

    /// <summary>Key <c>image</c>, uint8 [size, size, 3].</summary>
    Image,

    /// <summary>Both keys.</summary>
    Both,
}
