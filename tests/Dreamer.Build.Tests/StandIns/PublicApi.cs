using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Dreamer.Build.Tests.StandIns;

/// <summary>
/// Writes what an assembly shows to others, one line per type and member, in the form of the lists under <c>api/</c>:
/// a kind (C constructor, E event, F field, M method, P property, T type), a name, <c>::</c>, and a signature.
/// </summary>
internal static class PublicApi
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static IEnumerable<string> Of(Assembly assembly) => assembly.GetTypes().Where(IsVisible).SelectMany(Of);

    private static IEnumerable<string> Of(Type type)
    {
        var name = TypeNames.Of(type);
        yield return $"T {name} :: {Kind(type)}{Bases(type)}{Constraints(type.GetGenericArguments(), type.DeclaringType)}";
        if (IsDelegate(type))
        {
            var invoke = type.GetMethod("Invoke")!;
            yield return $"M {name} :: delegate {TypeNames.Of(invoke.ReturnType)} ({Parameters(invoke)})";
            yield break;
        }

        foreach (var member in type.GetMembers(Declared))
        {
            var line = member switch
            {
                ConstructorInfo constructor when IsVisible(constructor) && !constructor.IsStatic =>
                    $"C {name}.ctor({Parameters(constructor)}) :: {Obsolete(member)}{Access(constructor)}",
                MethodInfo method when IsVisible(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)) =>
                    Method(name, method),
                PropertyInfo property when property.GetAccessors(true).Any(IsVisible) => Property(name, property),
                FieldInfo field when (field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly) && !field.IsSpecialName =>
                    Field(name, field),
                EventInfo @event when IsVisible(@event.AddMethod!) =>
                    $"E {name}.{@event.Name} :: {Access(@event.AddMethod!)} event {TypeNames.Of(@event.EventHandlerType!)}",
                _ => null,
            };
            if (line is not null)
            {
                yield return line;
            }
        }
    }

    private static string Method(string type, MethodInfo method)
    {
        var generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(TypeNames.Of))}>" : "";
        var extension = method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "";
        return $"M {type}.{method.Name}{generic}({extension}{Parameters(method)}) :: {Obsolete(method)}{Access(method)}{Modifiers(method)} "
            + TypeNames.Of(method.ReturnType)
            + (method.IsGenericMethod ? Constraints(method.GetGenericArguments(), null) : "");
    }

    private static string Property(string type, PropertyInfo property)
    {
        var widest = property.GetAccessors(true).Where(IsVisible).OrderBy(accessor => accessor.IsPublic ? 0 : 1).First();
        var index = property.GetIndexParameters() is { Length: > 0 } parameters ? $"[{Parameters(parameters)}]" : "";
        var accessors = string.Concat(
            Accessor("get; ", property.GetMethod, widest), Accessor("set; ", property.SetMethod, widest));
        return $"P {type}.{property.Name}{index} :: {Obsolete(property)}{Access(widest)}{Modifiers(widest)} "
            + $"{TypeNames.Of(property.PropertyType)} {{ {accessors}}}";
    }

    // An abstract property's protected accessor is shown even when the property is protected itself.
    private static string Accessor(string text, MethodInfo? accessor, MethodInfo widest) =>
        accessor is null || !IsVisible(accessor) ? ""
        : accessor != widest && !accessor.IsPublic ? "protected " + text
        : text;

    private static string Field(string type, FieldInfo field)
    {
        var access = field.IsPublic ? "public" : "protected";
        var modifiers = field.IsLiteral ? " const" : (field.IsStatic ? " static" : "") + (field.IsInitOnly ? " readonly" : "");
        var value = field.IsLiteral ? " = " + Convert.ToString(field.GetRawConstantValue(), CultureInfo.InvariantCulture) : "";
        return $"F {type}.{field.Name} :: {Obsolete(field)}{access}{modifiers} {TypeNames.Of(field.FieldType)}{value}";
    }

    private static string Kind(Type type) =>
        type.IsEnum ? "enum : " + TypeNames.Of(Enum.GetUnderlyingType(type))
        : IsDelegate(type) ? "delegate"
        : type.IsInterface ? "interface"
        : type.IsValueType ? (type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly struct" : "struct")
        : type is { IsAbstract: true, IsSealed: true } ? "static class"
        : type.IsAbstract ? "abstract class"
        : type.IsSealed ? "sealed class"
        : "class";

    private static string Bases(Type type)
    {
        if (type.IsEnum || IsDelegate(type))
        {
            return "";
        }

        var bases = type.GetInterfaces().Where(IsVisible).ToList();
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType))
        {
            bases.Add(parent);
        }

        return bases.Count == 0
            ? ""
            : " : " + string.Join(", ", bases.Select(TypeNames.Of).Order(StringComparer.Ordinal));
    }

    private static string Constraints(Type[] arguments, Type? parent) =>
        string.Concat(arguments.Skip(parent?.GetGenericArguments().Length ?? 0).Select(Constraint));

    private static string Constraint(Type argument)
    {
        var flags = argument.GenericParameterAttributes;
        var isStruct = flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        List<string> parts = [];
        if (flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
        {
            parts.Add("class");
        }

        if (isStruct)
        {
            parts.Add("struct");
        }

        parts.AddRange(argument.GetGenericParameterConstraints().Where(type => type != typeof(ValueType)).Select(TypeNames.Of));
        if (!isStruct && flags.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint))
        {
            parts.Add("new()");
        }

        return parts.Count == 0 ? "" : $" where {argument.Name} : {string.Join(", ", parts)}";
    }

    private static string Parameters(MethodBase method) => Parameters(method.GetParameters());

    private static string Parameters(ParameterInfo[] parameters) => string.Join(", ", parameters.Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        var prefix = parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute)) ? "params "
            : !parameter.ParameterType.IsByRef ? ""
            : parameter.IsOut ? "out "
            : parameter.IsIn ? "in "
            : "ref ";
        var type = parameter.ParameterType.IsByRef ? parameter.ParameterType.GetElementType()! : parameter.ParameterType;
        return $"{prefix}{TypeNames.Of(type)} {parameter.Name}{Default(parameter, type)}";
    }

    private static string Default(ParameterInfo parameter, Type type)
    {
        if (!parameter.HasDefaultValue)
        {
            return "";
        }

        return " = " + parameter.RawDefaultValue switch
        {
            null when type.IsValueType && Nullable.GetUnderlyingType(type) is null => "default",
            null => "null",
            bool flag => flag ? "true" : "false",
            string text => $"\"{text}\"",
            var value when type.IsEnum => $"({TypeNames.Of(type)}){Convert.ToInt64(value, CultureInfo.InvariantCulture)}",
            var value => Convert.ToString(value, CultureInfo.InvariantCulture),
        };
    }

    private static string Modifiers(MethodInfo method) =>
        method.DeclaringType!.IsInterface ? (method.IsStatic ? " static" : "")
        : method.IsStatic ? " static"
        : method.IsAbstract ? (method.GetBaseDefinition() == method ? " abstract" : " abstract override")
        : method.GetBaseDefinition() != method ? " override"
        : method is { IsVirtual: true, IsFinal: false } ? " virtual"
        : "";

    private static string Obsolete(MemberInfo member) => member.IsDefined(typeof(ObsoleteAttribute)) ? "[Obsolete] " : "";

    private static string Access(MethodBase method) => method.IsPublic ? "public" : "protected";

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsVisible(Type type) =>
        type.IsNested
            ? (type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamORAssem) && IsVisible(type.DeclaringType!)
            : type.IsPublic;

    private static bool IsDelegate(Type type) => type.IsSubclassOf(typeof(Delegate));
}
