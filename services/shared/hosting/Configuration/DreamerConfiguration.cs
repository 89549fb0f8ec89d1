namespace Dreamer.Hosting.Configuration;

/// <summary>The resolved tree: every setting that exists, its value and where it came from. Read only.</summary>
public sealed class DreamerConfiguration
{
    private readonly Dictionary<string, Setting> _byKey;

    internal DreamerConfiguration(IReadOnlyList<Setting> settings, IReadOnlyList<string> presets)
    {
        Settings = [.. settings];
        Presets = presets;
        _byKey = Settings.ToDictionary(setting => setting.Key);
    }

    /// <summary>All settings in the order of the defaults.</summary>
    public IReadOnlyList<Setting> Settings { get; }

    /// <summary>Presets that were applied, in order.</summary>
    public IReadOnlyList<string> Presets { get; }

    /// <summary>The value of a setting as text.</summary>
    public string this[string key] => _byKey[key].Value;

    /// <summary>Where a setting's value came from.</summary>
    public string SourceOf(string key) => _byKey[key].Source;

    /// <summary>
    /// Fills a record from a section (<c>""</c> for the top level): property <c>CapacitySteps</c> takes <c>capacity_steps</c>, a nested
    /// record takes a nested section. Validation attributes (<c>[Range]</c>, <c>[AllowedValues]</c>), <c>IValidatableObject</c> and a method
    /// <c>void Validate()</c> that throws <see cref="ArgumentException"/> are applied.
    /// </summary>
    /// <exception cref="ConfigurationException">A value of the wrong kind or out of range; the message names the setting and its source.</exception>
    public T Bind<T>(string section) where T : class => SectionBinder.Bind<T>(this, section);

    /// <summary><see cref="Bind{T}"/> for a record that is only known at run time.</summary>
    /// <exception cref="ConfigurationException">A value of the wrong kind or out of range; the message names the setting and its source.</exception>
    public object Bind(Type type, string section) => SectionBinder.Bind(this, type, section.Length == 0 ? "" : section + ".");

    /// <summary>A copy with one value replaced, e.g. by a command that knows better.</summary>
    /// <exception cref="ConfigurationException">The value is of the wrong kind.</exception>
    public DreamerConfiguration With(string key, string value, string source)
    {
        var setting = _byKey[key];
        return SettingText.Fits(value, setting.Kind)
            ? new DreamerConfiguration([.. Settings.Select(each => each.Key == key ? setting with { Value = value, Source = source } : each)], Presets)
            : throw new ConfigurationException($"{key}: '{value}' is not {SettingText.Describe(setting.Kind)} (from {source}).");
    }

    internal Setting? Find(string key) => _byKey.GetValueOrDefault(key);
}
