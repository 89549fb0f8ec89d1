namespace Dreamer.Hosting.Configuration;

/// <summary>What a setting's text must be readable as.</summary>
public enum SettingKind
{
    Text,
    Integer,
    Real,
    Boolean,
}
