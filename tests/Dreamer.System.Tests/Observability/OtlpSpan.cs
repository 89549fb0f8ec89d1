using Google.Protobuf;

namespace Dreamer.System.Tests.Observability;

/// <summary>A span as it came over OTLP.</summary>
/// <param name="Service">Resource attribute <c>service.name</c>.</param>
/// <param name="Run">Resource attribute <c>dreamer.run</c>.</param>
/// <param name="Trace">Hexadecimal.</param>
/// <param name="Id">Hexadecimal.</param>
/// <param name="Parent">Hexadecimal, empty for the first of its trace.</param>
/// <param name="Start">Nanoseconds since 1970.</param>
/// <param name="End">Nanoseconds since 1970.</param>
/// <param name="Attributes">Texts and integers.</param>
/// <param name="Links">Ids of the spans that it links to.</param>
internal sealed record OtlpSpan(
    string Service, string Run, string Trace, string Id, string Parent, string Name, ulong Start, ulong End,
    IReadOnlyDictionary<string, string> Attributes, IReadOnlyList<string> Links)
{
    /// <summary>All spans of an ExportTraceServiceRequest; the numbers are those of opentelemetry/proto/trace/v1/trace.proto.</summary>
    public static IEnumerable<OtlpSpan> Read(ByteString request) =>
        from resourceSpans in Fields(request, 1)
        let resource = Pairs(Fields(resourceSpans, 1).Single(), 1)
        from scopeSpans in Fields(resourceSpans, 2)
        from span in Fields(scopeSpans, 2)
        select new OtlpSpan(
            resource["service.name"],
            resource["dreamer.run"],
            Hex(Fields(span, 1)),
            Hex(Fields(span, 2)),
            Hex(Fields(span, 4)),
            Fields(span, 5).Single().ToStringUtf8(),
            Time(span, 7),
            Time(span, 8),
            Pairs(span, 9),
            [.. Fields(span, 13).Select(link => Hex(Fields(link, 2)))]);

    // KeyValue: key 1, value 2, of which string 1 and integer 3.
    private static Dictionary<string, string> Pairs(ByteString message, int number) => Fields(message, number).ToDictionary(
        pair => Fields(pair, 1).Single().ToStringUtf8(),
        pair => Fields(pair, 2).Select(value => Fields(value, 1).FirstOrDefault()?.ToStringUtf8() ?? $"{Integer(value, 3)}").FirstOrDefault() ?? "");

    private static string Hex(IEnumerable<ByteString> bytes) => Convert.ToHexStringLower((bytes.FirstOrDefault() ?? ByteString.Empty).Span);

    private static IEnumerable<ByteString> Fields(ByteString message, int number)
    {
        var input = message.CreateCodedInput();
        while (input.ReadTag() is var tag && tag != 0)
        {
            if (tag == WireFormat.MakeTag(number, WireFormat.WireType.LengthDelimited))
            {
                yield return input.ReadBytes();
            }
            else
            {
                input.SkipLastField();
            }
        }
    }

    private static ulong Time(ByteString message, int number) => Scalar(message, WireFormat.MakeTag(number, WireFormat.WireType.Fixed64), input => input.ReadFixed64());

    private static long Integer(ByteString message, int number) => Scalar(message, WireFormat.MakeTag(number, WireFormat.WireType.Varint), input => input.ReadInt64());

    private static T? Scalar<T>(ByteString message, uint wanted, Func<CodedInputStream, T> read)
    {
        var input = message.CreateCodedInput();
        while (input.ReadTag() is var tag && tag != 0)
        {
            if (tag == wanted)
            {
                return read(input);
            }

            input.SkipLastField();
        }

        return default;
    }
}
