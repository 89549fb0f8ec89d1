using Dreamer.Spaces;

namespace Dreamer.Hosting.Configuration;

/// <summary>The settings while layers are being applied: the keys are those of the defaults, only values and sources change.</summary>
internal sealed class SettingTree
{
    private readonly List<Setting> _settings = [];
    private readonly Dictionary<string, int> _index = [];

    public SettingTree(IEnumerable<YamlLayer.Leaf> defaults)
    {
        foreach (var leaf in defaults)
        {
            _index.Add(leaf.Key, _settings.Count);
            _settings.Add(new Setting(leaf.Key, leaf.Value, leaf.Quoted ? SettingKind.Text : SettingText.KindOf(leaf.Value), "defaults"));
        }
    }

    public IReadOnlyList<Setting> Settings => _settings;

    public Setting? Find(string key) => _index.TryGetValue(key, out var at) ? _settings[at] : null;

    public void Set(string key, string value, string source)
    {
        var setting = Find(key) ?? throw Unknown(key, source, []);
        if (!SettingText.Fits(value, setting.Kind))
        {
            throw new ConfigurationException($"{key}: '{value}' is not {SettingText.Describe(setting.Kind)} (from {source}).");
        }

        _settings[_index[key]] = setting with { Value = value, Source = source };
    }

    /// <summary>A flag: the name of a section stands for its <c>name</c> (<c>--env</c>), a lone flag means true.</summary>
    public void SetFlag(string flag, string? value, IReadOnlyCollection<string> commandFlags)
    {
        var key = Find(flag) is null && Find(flag + ".name") is not null ? flag + ".name" : flag;
        var setting = Find(key) ?? throw Unknown(key, "--" + flag, commandFlags);
        value ??= setting.Kind == SettingKind.Boolean ? "true" : throw new ConfigurationException($"--{flag} needs a value, e.g. --{flag} {Example(setting)}.");
        Set(key, value, "--" + flag);
    }

    public void Replace(string key, Func<string, string> change) =>
        _settings[_index[key]] = _settings[_index[key]] with { Value = change(_settings[_index[key]].Value) };

    private static string Example(Setting setting) => setting.Value.Length > 0 ? setting.Value : "VALUE";

    private ConfigurationException Unknown(string key, string source, IReadOnlyCollection<string> commandFlags)
    {
        var isFlag = source.StartsWith("--", StringComparison.Ordinal);
        var nearest = Suggest.Nearest("--" + key, commandFlags) ?? Dashed(NearestKey(key));
        var what = isFlag ? $"unknown flag {source}" : $"unknown setting '{key}' (from {source})";
        return new ConfigurationException(nearest is null ? $"{what}; 'dreamer config show' lists every setting." : $"{what}; did you mean {nearest}?");

        string? Dashed(string? name) => isFlag && name is not null ? "--" + name : name;
    }

    // A key whose section was left out or misspelt is found by its last word.
    private string? NearestKey(string key)
    {
        var last = key[(key.LastIndexOf('.') + 1)..];
        return _index.Keys.FirstOrDefault(name => name.EndsWith("." + last, StringComparison.Ordinal))
            ?? Suggest.Nearest(key, _index.Keys)
            ?? _index.Keys.FirstOrDefault(name => name[(name.LastIndexOf('.') + 1)..] == Suggest.Nearest(last, _index.Keys.Select(other => other[(other.LastIndexOf('.') + 1)..])));
    }
}
