using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text;
using Dreamer.Spaces;

namespace Dreamer.Hosting.Configuration;

/// <summary>Fills records from sections, strictly: a key without a property and a property without a key are both programming errors.</summary>
internal static class SectionBinder
{
    public static T Bind<T>(DreamerConfiguration configuration, string section) =>
        (T)Bind(configuration, typeof(T), section.Length == 0 ? "" : section + ".");

    /// <summary><c>ActionRepeat</c> to <c>action_repeat</c>; a digit does not begin a word (<c>Beta1</c> to <c>beta1</c>).</summary>
    public static string SnakeCase(string name)
    {
        var text = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            var startsWord = char.IsUpper(name[i]) && i > 0 && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            text.Append(startsWord ? "_" : "").Append(char.ToLowerInvariant(name[i]));
        }

        return text.ToString();
    }

    public static object Bind(DreamerConfiguration configuration, Type type, string prefix)
    {
        var constructor = type.GetConstructors().Where(candidate => !IsCopy(candidate, type)).MinBy(candidate => candidate.GetParameters().Length)
            ?? throw new InvalidOperationException($"{type.Name} has no public constructor");
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var used = new HashSet<string>();
        object? Read(string name, Type target)
        {
            var key = prefix + SnakeCase(name);
            used.Add(key);
            taken.Add(name);
            return IsSection(target)
                ? Bind(configuration, target, key + ".")
                : Convert(configuration.Find(key) ?? throw new InvalidOperationException($"{type.Name}.{name} has no key {key} in configs.yaml"), target);
        }

        var arguments = constructor.GetParameters().Select(parameter => Read(parameter.Name!, parameter.ParameterType)).ToArray();
        var value = Guarded(prefix, () => constructor.Invoke(arguments));
        foreach (var property in type.GetProperties().Where(property => property.SetMethod is { IsPublic: true, IsStatic: false } && !taken.Contains(property.Name)))
        {
            property.SetValue(value, Read(property.Name, property.PropertyType));
        }

        var missed = configuration.Settings.Select(setting => setting.Key).FirstOrDefault(key =>
            key.StartsWith(prefix, StringComparison.Ordinal) && !used.Contains(key)
            && (!key[prefix.Length..].Contains('.') || (prefix.Length > 0 && !used.Any(section => key.StartsWith(section + ".", StringComparison.Ordinal)))));
        return missed is null
            ? Validated(configuration, value, prefix)
            : throw new InvalidOperationException($"{missed} in configs.yaml has no property in {type.Name}");
    }

    private static bool IsCopy(ConstructorInfo constructor, Type type) =>
        constructor.GetParameters() is [var only] && only.ParameterType == type;

    private static bool IsSection(Type type) => type.IsClass && type != typeof(string) && !type.IsArray;

    private static object? Convert(Setting setting, Type type)
    {
        if (type == typeof(string))
        {
            return setting.Value;
        }

        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return setting.Value.Length == 0 ? null : Convert(setting, inner);
        }

        if (type == typeof(ImmutableArray<string>))
        {
            return setting.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToImmutableArray();
        }

        if (type.IsEnum)
        {
            return ConvertEnum(setting, type);
        }

        return Type.GetTypeCode(type) switch
        {
            TypeCode.Boolean when SettingText.TryBoolean(setting.Value, out var flag) => flag,
            TypeCode.Double when SettingText.TryReal(setting.Value, out var real) => real,
            TypeCode.Single when SettingText.TryReal(setting.Value, out var real) => (float)real,
            TypeCode.Int64 when SettingText.TryInteger(setting.Value, out var whole) => whole,
            TypeCode.Int32 when SettingText.TryInteger(setting.Value, out var whole) && whole is >= int.MinValue and <= int.MaxValue => (int)whole,
            TypeCode.UInt64 when SettingText.TryInteger(setting.Value, out var whole) && whole >= 0 => (ulong)whole,
            TypeCode.Int32 when SettingText.TryInteger(setting.Value, out _) => throw Wrong(setting, "is too large"),
            TypeCode.Boolean => throw Wrong(setting, "is not true or false"),
            TypeCode.Double or TypeCode.Single => throw Wrong(setting, "is not a number"),
            TypeCode.Int64 or TypeCode.Int32 or TypeCode.UInt64 => throw Wrong(setting, "is not an integer"),
            _ => throw new InvalidOperationException($"{setting.Key}: settings cannot be of type {type.Name}"),
        };
    }

    private static object ConvertEnum(Setting setting, Type type)
    {
        var names = Enum.GetNames(type).ToDictionary(SnakeCase);
        return names.TryGetValue(setting.Value.ToLowerInvariant(), out var name)
            ? Enum.Parse(type, name)
            : throw Wrong(setting, NotOneOf(setting.Value, [.. names.Keys]));
    }

    private static object Validated(DreamerConfiguration configuration, object value, string prefix)
    {
        var results = new List<ValidationResult>();
        foreach (var property in value.GetType().GetProperties().Where(property => property.GetIndexParameters().Length == 0))
        {
            var key = prefix + SnakeCase(property.Name);
            foreach (var attribute in property.GetCustomAttributes<ValidationAttribute>())
            {
                if (configuration.Find(key) is { } setting && !attribute.IsValid(property.GetValue(value)))
                {
                    throw Wrong(setting, attribute switch
                    {
                        AllowedValuesAttribute allowed => NotOneOf(setting.Value, [.. allowed.Values.Select(each => each?.ToString() ?? "")]),
                        RequiredAttribute => "is missing",
                        RangeAttribute range => $"is outside {range.Minimum} to {range.Maximum}",
                        _ => attribute.FormatErrorMessage(key),
                    }, Remedy(attribute));
                }
            }
        }

        if (value is IValidatableObject whole && whole.Validate(new ValidationContext(value)).FirstOrDefault() is { } failure)
        {
            var key = prefix + SnakeCase(failure.MemberNames.FirstOrDefault() ?? "");
            var source = configuration.Find(key) is { } setting ? $" (from {setting.Source})" : "";
            throw new ConfigurationException($"{key}: {failure.ErrorMessage?.TrimEnd('.')}{source}.");
        }

        // Libraries that know no configuration have a method that throws.
        if (value.GetType().GetMethod("Validate", BindingFlags.Public | BindingFlags.Instance, []) is { } validate && validate.ReturnType == typeof(void))
        {
            Guarded(prefix, () => validate.Invoke(value, null));
        }

        return value;
    }

    // A record's own refusal, with the section in front unless it names it itself.
    private static T Guarded<T>(string prefix, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (TargetInvocationException wrapped) when (wrapped.InnerException is ArgumentException refusal)
        {
            var section = prefix.TrimEnd('.');
            throw new ConfigurationException(refusal.Message.StartsWith(prefix, StringComparison.Ordinal) ? refusal.Message : $"{section}: {refusal.Message}", refusal);
        }
    }

    // Stock messages have a place for the field's name; ours say what to do.
    private static string? Remedy(ValidationAttribute attribute) =>
        attribute.ErrorMessage is { } message && !message.Contains("{0}") ? message : null;

    private static string NotOneOf(string value, IReadOnlyList<string> choices)
    {
        var nearest = Suggest.Nearest(value, choices);
        return $"is not one of {string.Join(", ", choices)}" + (nearest is null ? "" : $"; did you mean {nearest}?");
    }

    private static ConfigurationException Wrong(Setting setting, string what, string? remedy = null) =>
        new($"{setting.Key}: '{setting.Value}' {what} (from {setting.Source}){(remedy is null ? "." : "; " + remedy)}");
}
