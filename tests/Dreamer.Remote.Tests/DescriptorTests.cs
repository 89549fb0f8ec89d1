using Dreamer.Remote.Tests.Support;
using Google.Protobuf.Reflection;
using V1 = Dreamer.Remote.V1;

namespace Dreamer.Remote.Tests;

/// <summary>Names, numbers and types are those of dm_env_rpc 1.1, as its own descriptor lists them in golden/dm_env_rpc.v1.txt.</summary>
public sealed class DescriptorTests
{
    [Fact]
    public void The_wire_format_is_that_of_dm_env_rpc()
    {
        var file = V1.DmEnvRpcReflection.Descriptor;
        string[] lines =
        [
            .. file.Services.SelectMany(service => service.Methods.Select(method => $"rpc {method.FullName}({method.InputType.FullName}) returns ({method.OutputType.FullName})")),
            .. file.MessageTypes.SelectMany(Lines),
            .. file.EnumTypes.SelectMany(type => type.Values.Select(value => $"{type.FullName}.{value.Name} = {value.Number}")),
        ];

        Assert.True(file.Services.Single().Methods.Single() is { IsClientStreaming: true, IsServerStreaming: true });
        Assert.Equal(File.ReadAllLines(Path.Combine(Repository.Tests, "golden", "dm_env_rpc.v1.txt")), lines.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Lines(MessageDescriptor message) =>
        [.. message.Fields.InFieldNumberOrder().Select(Line), .. message.NestedTypes.SelectMany(Lines)];

    private static string Line(FieldDescriptor field)
    {
        var type = field.FieldType switch
        {
            FieldType.Message => field.MessageType.FullName,
            FieldType.Enum => field.EnumType.FullName,
            var scalar => scalar.ToString().ToLowerInvariant(),
        };
        var label = field.IsRepeated ? "repeated " : field.RealContainingOneof is { } oneof ? $"oneof {oneof.Name} " : "";
        return $"{field.ContainingType.FullName}.{field.Name} = {field.FieldNumber} {label}{type}";
    }
}
