using Google.Protobuf.Reflection;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.System.Tests.Wire;

/// <summary>
/// The wire format is a promise to actors of other versions and languages. A change shows here first: additions are added to
/// golden/dreamer.v1.txt, everything else breaks those who are out there.
/// </summary>
public sealed class DescriptorTests
{
    [Fact]
    public void The_wire_format_is_the_one_that_is_written_down()
    {
        var golden = File.ReadAllLines(Path.Combine(Repository.Root, "tests", "Dreamer.System.Tests", "golden", "dreamer.v1.txt"));
        FileDescriptor[] files = [V1.ExperienceReflection.Descriptor, V1.ReplayReflection.Descriptor, V1.WeightsReflection.Descriptor];

        Assert.Equal(golden, files.SelectMany(Lines));
    }

    private static IEnumerable<string> Lines(FileDescriptor file) =>
    [
        $"file {file.Name} package {file.Package}",
        .. file.Services.SelectMany(service => service.Methods.Select(method =>
            $"rpc {service.Name}.{method.Name}({Stream(method.IsClientStreaming)}{method.InputType.Name}) returns ({Stream(method.IsServerStreaming)}{method.OutputType.Name})")),
        .. file.MessageTypes.SelectMany(message => message.Fields.InFieldNumberOrder().Select(field => $"{message.Name}.{field.Name} = {field.FieldNumber} {Kind(field)}")),
        .. file.EnumTypes.SelectMany(type => type.Values.Select(value => $"{type.Name}.{value.Name} = {value.Number}")),
    ];

    private static string Stream(bool streaming) => streaming ? "stream " : "";

    private static string Kind(FieldDescriptor field)
    {
        var type = field.FieldType switch
        {
            FieldType.Message => field.MessageType.Name,
            FieldType.Enum => field.EnumType.Name,
            var scalar => scalar.ToString().ToLowerInvariant(),
        };
        var label = field.IsRepeated ? "repeated " : field.RealContainingOneof is { } oneof ? $"oneof {oneof.Name} " : field.HasPresence && field.FieldType != FieldType.Message ? "optional " : "";
        return label + type;
    }
}
