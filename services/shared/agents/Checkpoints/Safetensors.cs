using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dreamer.Agents.Checkpoints;

/// <summary>The header of the safetensors format: 8 bytes length, JSON, then the raw tensors.</summary>
public static class Safetensors
{
    private const int LargestHeader = 100 << 20;

    /// <summary>The bytes before the first tensor, padded so that tensors start on a multiple of 8.</summary>
    public static byte[] WriteHeader(IReadOnlyList<(string Name, string DType, long[] Shape, long Bytes)> tensors)
    {
        var header = new JsonObject();
        var offset = 0L;
        foreach (var (name, dtype, shape, bytes) in tensors)
        {
            header[name] = new JsonObject
            {
                ["dtype"] = dtype,
                ["shape"] = new JsonArray([.. shape.Select(extent => JsonValue.Create(extent))]),
                ["data_offsets"] = new JsonArray(offset, offset + bytes),
            };
            offset += bytes;
        }

        var json = JsonSerializer.SerializeToUtf8Bytes(header);
        var padded = (json.Length + 7) / 8 * 8;
        var result = new byte[8 + padded];
        BinaryPrimitives.WriteInt64LittleEndian(result, padded);
        json.CopyTo(result, 8);
        result.AsSpan(8 + json.Length).Fill((byte)' ');
        return result;
    }

    /// <summary>Reads the header of a file and checks that every tensor lies inside it.</summary>
    /// <exception cref="InvalidDataException">Not a whole safetensors file.</exception>
    public static IReadOnlyDictionary<string, SafetensorsEntry> ReadHeader(Stream file)
    {
        Span<byte> prefix = stackalloc byte[8];
        file.ReadExactly(prefix);
        var length = BinaryPrimitives.ReadInt64LittleEndian(prefix);
        if (length is < 2 or > LargestHeader || 8 + length > file.Length)
        {
            throw new InvalidDataException($"a header of {length} bytes in a file of {file.Length}");
        }

        var json = new byte[length];
        file.ReadExactly(json);
        var entries = new Dictionary<string, SafetensorsEntry>();
        try
        {
            ReadEntries(json, 8 + length, file.Length, entries);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or OverflowException or IndexOutOfRangeException)
        {
            throw new InvalidDataException($"its header cannot be read: {error.Message}", error);
        }

        return entries;
    }

    private static void ReadEntries(byte[] json, long data, long end, Dictionary<string, SafetensorsEntry> entries)
    {
        using var document = JsonDocument.Parse(json);
        foreach (var property in document.RootElement.EnumerateObject().Where(property => property.Name != "__metadata__"))
        {
            var offsets = property.Value.GetProperty("data_offsets");
            var (from, to) = (offsets[0].GetInt64(), offsets[1].GetInt64());
            if (from < 0 || to < from || to > end - data)
            {
                throw new InvalidDataException($"tensor {property.Name} lies outside the file");
            }

            long[] shape = [.. property.Value.GetProperty("shape").EnumerateArray().Select(extent => extent.GetInt64())];
            var dtype = property.Value.GetProperty("dtype").GetString() ?? "";
            if (SizeOf(dtype) is var size && (size == 0 || shape.Aggregate(size, (product, extent) => checked(product * extent)) != to - from))
            {
                throw new InvalidDataException($"tensor {property.Name} of {dtype} [{string.Join(", ", shape)}] has {to - from} bytes");
            }

            entries[property.Name] = new SafetensorsEntry(property.Name, dtype, shape, data + from, to - from);
        }
    }

    private static long SizeOf(string dtype) => dtype switch
    {
        "F64" or "I64" or "U64" => 8,
        "F32" or "I32" or "U32" => 4,
        "F16" or "BF16" or "I16" or "U16" => 2,
        "I8" or "U8" or "BOOL" => 1,
        _ => 0,
    };
}
