using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Dreamer.Experience;
using Dreamer.Spaces;
using Google.Protobuf;

namespace Dreamer.Contracts;

/// <summary>
/// Between the messages of <c>proto/dreamer/v1</c> and the types that the libraries speak. Everything that arrives is
/// checked here or in <see cref="ReplayBuffer"/> before it changes any state.
/// </summary>
public static partial class Wire
{
    private const long MaxStepBytes = 1 << 28;

    /// <summary>The schema as a message.</summary>
    public static V1.Schema ToMessage(this Schema schema)
    {
        var message = new V1.Schema { Hash = schema.Hash, StateTensors = (uint)schema.StateTensors };
        foreach (var tensor in schema.Tensors)
        {
            var spec = new V1.TensorSpec { Key = tensor.Key, Dtype = (V1.DType)tensor.DType, Classes = tensor.Classes };
            spec.Shape.AddRange(tensor.Shape);
            message.Tensors.Add(spec);
        }

        return message;
    }

    /// <summary>The schema of a message.</summary>
    /// <exception cref="InvalidMessageException">A tensor is malformed, or the hash is not that of the tensors.</exception>
    public static Schema ToSchema(this V1.Schema? message)
    {
        Require(message is not null, "the schema is missing");
        Require(message!.Tensors.Count is > 0 and <= 1024, "a schema has 1 to 1024 tensors");
        Require(message.StateTensors <= message.Tensors.Count, "state_tensors counts more tensors than there are");
        var tensors = ImmutableArray.CreateBuilder<TensorSpec>(message.Tensors.Count);
        foreach (var tensor in message.Tensors)
        {
            Require(
                tensor.Key.Length is > 0 and <= 256 && !tensor.Key.Any(letter => letter == ':' || char.IsControl(letter) || char.IsSurrogate(letter)),
                "a tensor key has 1 to 256 characters, without colons, line breaks and the like");
            Require(Enum.IsDefined((DType)tensor.Dtype), $"tensor '{tensor.Key}' has an unknown dtype");
            Require(tensor.Shape.Count <= 8 && tensor.Shape.All(extent => extent > 0), $"tensor '{tensor.Key}' has a malformed shape");
            Require(tensor.Shape.Aggregate(1L, (product, extent) => Math.Min(product * extent, long.MaxValue / int.MaxValue)) <= 1 << 26,
                $"tensor '{tensor.Key}' is larger than 67,108,864 elements");
            Require(tensor.Classes >= 0, $"tensor '{tensor.Key}' has {tensor.Classes} classes");
            tensors.Add(new TensorSpec(tensor.Key, (DType)tensor.Dtype, [.. tensor.Shape], tensor.Classes));
        }

        Require(tensors.Sum(tensor => (long)tensor.Bytes) <= MaxStepBytes, $"a step has more than {MaxStepBytes:N0} bytes");
        Schema schema;
        try
        {
            schema = new Schema(tensors.MoveToImmutable(), (int)message.StateTensors);
        }
        catch (ArgumentException malformed)
        {
            throw new InvalidMessageException($"the schema is none: {malformed.Message}");
        }

        Require(schema.Hash == message.Hash, $"the schema's hash is {message.Hash:x16}, its tensors give {schema.Hash:x16}");
        return schema;
    }

    /// <summary>The chunk as a message; columns are not copied, so the chunk must not be reused before the message is sent.</summary>
    public static V1.Chunk ToMessage(this Chunk chunk)
    {
        var message = new V1.Chunk
        {
            Stream = chunk.Stream.ToMessage(),
            Sequence = chunk.Sequence,
            Steps = chunk.Steps,
            SchemaHash = chunk.SchemaHash,
            MinPolicyVersion = chunk.MinPolicyVersion,
            MaxPolicyVersion = chunk.MaxPolicyVersion,
            EndsStream = chunk.EndsStream,
            Traceparent = TraceParent.Write(chunk.Trace),
        };
        var crc = 0u;
        foreach (var column in chunk.Columns)
        {
            crc = Crc32C.Append(crc, column.Span);
            message.Columns.Add(UnsafeByteOperations.UnsafeWrap(column));
        }

        message.Crc32C = crc;
        message.Episodes.AddRange(chunk.Episodes.Select(ToMessage));
        return message;
    }

    /// <summary>The chunk of a message, checked against the schema and its checksum.</summary>
    /// <exception cref="InvalidMessageException">A column has the wrong length, the checksum differs, or a field is out of range.</exception>
    public static Chunk ToChunk(this V1.Chunk message, Schema schema)
    {
        Require(message.SchemaHash == schema.Hash, $"the chunk's schema hash is {message.SchemaHash:x16}, the call's schema has {schema.Hash:x16}");
        Require(message.Steps is > 0 and <= 65_536, $"a chunk has 1 to 65536 steps, not {message.Steps}");
        Require(message.Sequence >= 0, $"sequence {message.Sequence} is negative");
        Require(message.Columns.Count == schema.Tensors.Length, $"the chunk has {message.Columns.Count} columns, the schema {schema.Tensors.Length}");
        Require(message.Episodes.Count <= message.Steps, "more episodes end than there are steps");
        var columns = new ReadOnlyMemory<byte>[message.Columns.Count];
        var crc = 0u;
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i] = message.Columns[i].Memory;
            var expected = (long)message.Steps * schema.Tensors[i].Bytes;
            Require(columns[i].Length == expected, $"column '{schema.Tensors[i].Key}' has {columns[i].Length} bytes, {message.Steps} steps need {expected}");
            crc = Crc32C.Append(crc, columns[i].Span);
        }

        Require(crc == message.Crc32C, $"the chunk's CRC32C is {message.Crc32C:x8}, its columns give {crc:x8}");
        return new Chunk
        {
            Stream = message.Stream.ToStreamId(),
            Sequence = message.Sequence,
            Steps = message.Steps,
            SchemaHash = message.SchemaHash,
            Columns = columns,
            MinPolicyVersion = message.MinPolicyVersion,
            MaxPolicyVersion = message.MaxPolicyVersion,
            Episodes = [.. message.Episodes.Select(episode => episode.ToEpisode(message.Steps))],
            EndsStream = message.EndsStream,
            Trace = TraceParent.Read(message.Traceparent),
        };
    }

    /// <summary>16 bytes, big endian.</summary>
    public static ByteString ToMessage(this StreamId stream)
    {
        Span<byte> bytes = stackalloc byte[16];
        stream.Write(bytes);
        return ByteString.CopyFrom(bytes);
    }

    /// <summary>The stream of its 16 bytes.</summary>
    /// <exception cref="InvalidMessageException">There are not 16 bytes.</exception>
    public static StreamId ToStreamId(this ByteString bytes)
    {
        Require(bytes.Length == 16, $"a stream id has 16 bytes, not {bytes.Length}");
        return StreamId.Read(bytes.Span);
    }

    public static V1.Episode ToMessage(this Episode episode) =>
        new() { EndStep = episode.EndStep, Return = episode.Return, Length = episode.Length, Facts = { ToMessages(episode.Facts) } };

    public static Episode ToEpisode(this V1.Episode message, int steps)
    {
        Require(message.EndStep >= 0 && message.EndStep < steps, "an episode ends outside its chunk");
        Require(double.IsFinite(message.Return) && message.Length > 0, "an episode has no finite return or no length");
        return new Episode(message.EndStep, message.Return, message.Length, ToFacts(message.Facts));
    }

    private static IEnumerable<V1.EpisodeFact> ToMessages(IReadOnlyList<EpisodeFact>? facts) =>
        (facts ?? []).Select(fact => new V1.EpisodeFact { Name = fact.Name, Value = fact.Value });

    private static EpisodeFact[]? ToFacts(IReadOnlyCollection<V1.EpisodeFact> facts) =>
        facts.Count > 0 ? [.. facts.Select(fact => new EpisodeFact(fact.Name, fact.Value))] : null;

    /// <exception cref="InvalidMessageException">The condition does not hold.</exception>
    internal static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new InvalidMessageException(message);
        }
    }
}
