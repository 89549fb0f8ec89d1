namespace Dreamer.Build.Tests.StandIns;

/// <summary>Names types as the lists under <c>api/</c> do: C# keywords, full names, dots between nested types.</summary>
internal static class TypeNames
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(char)] = "char",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
    };

    public static string Of(Type type)
    {
        if (Keywords.TryGetValue(type, out var keyword))
        {
            return keyword;
        }

        if (type.IsGenericParameter)
        {
            return type.Name;
        }

        if (type.IsArray)
        {
            return $"{Of(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        }

        if (type.IsPointer)
        {
            return Of(type.GetElementType()!) + "*";
        }

        if (type.IsByRef)
        {
            return "ref " + Of(type.GetElementType()!);
        }

        return Nullable.GetUnderlyingType(type) is { } value ? Of(value) + "?" : Qualified(type, type.GetGenericArguments());
    }

    // A nested type's arguments begin with those of the type around it.
    private static string Qualified(Type type, Type[] arguments)
    {
        var outer = type.DeclaringType?.GetGenericArguments().Length ?? 0;
        var prefix = type.DeclaringType is { } parent ? Qualified(parent, arguments[..outer]) : type.Namespace;
        var name = type.Name.Split('`')[0];
        var own = arguments[outer..];
        return own.Length == 0 ? $"{prefix}.{name}" : $"{prefix}.{name}<{string.Join(", ", own.Select(Of))}>";
    }
}
