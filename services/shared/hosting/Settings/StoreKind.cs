namespace Dreamer.Hosting.Settings;

/// <summary>Where experience is kept.</summary>
public enum StoreKind
{
    Memory,
    Redis,
}
