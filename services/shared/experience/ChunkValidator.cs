using System.Buffers;
using System.Runtime.InteropServices;
using System.Numerics;
using Dreamer.Spaces;

namespace Dreamer.Experience;

/// <summary>What a chunk must satisfy before anything is stored.</summary>
public static class ChunkValidator
{
    private const int MaxFacts = 64;
    private const int MaxFactName = 64;
    private static readonly SearchValues<char> FactLetters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_/");

    /// <summary>Checks sizes, flags, class ranges and that every float32 is finite.</summary>
    /// <exception cref="InvalidChunkException">The message names the key.</exception>
    public static void Validate(Chunk chunk, Schema schema, int maxSteps)
    {
        if (chunk.Steps < 1 || chunk.Steps > maxSteps)
        {
            throw new InvalidChunkException($"a chunk of {chunk.Steps} steps: 1 to {maxSteps} are allowed (setting replay.chunk_steps)");
        }

        if (chunk.Sequence < 0)
        {
            throw new InvalidChunkException($"sequence {chunk.Sequence}: streams count from 0");
        }

        if (chunk.SchemaHash != schema.Hash || chunk.Columns.Length != schema.Tensors.Length)
        {
            throw new InvalidChunkException("the chunk was built with another schema: open the writer with it first");
        }

        for (var column = 0; column < chunk.Columns.Length; column++)
        {
            var tensor = schema.Tensors[column];
            var data = chunk.Columns[column].Span;
            if (data.Length != (long)tensor.Bytes * chunk.Steps)
            {
                throw new InvalidChunkException($"'{tensor.Key}' has {data.Length} bytes for {chunk.Steps} steps of {tensor}");
            }

            if (tensor.DType == DType.Float32 && !AllFinite(MemoryMarshal.Cast<byte, uint>(data)))
            {
                throw new InvalidChunkException($"'{tensor.Key}' holds a value that is not finite: check the environment");
            }

            if (tensor.DType == DType.Int32 && tensor.Classes > 0
                && MemoryMarshal.Cast<byte, uint>(data).ContainsAnyExceptInRange(0u, (uint)tensor.Classes - 1))
            {
                throw new InvalidChunkException($"'{tensor.Key}' holds a value outside [0, {tensor.Classes})");
            }

            if (column >= schema.IsFirstIndex && column <= schema.IsTerminalIndex && data.ContainsAnyExceptInRange((byte)0, (byte)1))
            {
                throw new InvalidChunkException($"'{tensor.Key}' holds a flag other than 0 and 1");
            }
        }

        if (chunk.Sequence == 0 && chunk.Columns[schema.IsFirstIndex].Span[0] == 0)
        {
            throw new InvalidChunkException("a stream begins with is_first: the life of an environment starts with a reset");
        }

        foreach (var episode in chunk.Episodes)
        {
            if (episode.EndStep < 0 || episode.EndStep >= chunk.Steps || !double.IsFinite(episode.Return))
            {
                throw new InvalidChunkException($"episode summary {episode} does not fit the chunk");
            }

            Check(episode.Facts ?? []);
        }
    }

    /// <summary>Checks an episode that was played for its score.</summary>
    /// <exception cref="InvalidChunkException">The message names the field.</exception>
    public static void Validate(EvaluatedEpisode episode)
    {
        if (!double.IsFinite(episode.Return) || episode.Length < 1 || episode.PolicySteps < 0)
        {
            throw new InvalidChunkException(
                $"an evaluated episode of return {episode.Return}, length {episode.Length}, policy steps {episode.PolicySteps}: the return is finite, the length at least 1, steps are not negative");
        }

        Check(episode.Facts ?? []);
    }

    private static void Check(IReadOnlyList<EpisodeFact> facts)
    {
        if (facts.Count > MaxFacts)
        {
            throw new InvalidChunkException($"an episode tells {facts.Count} facts, {MaxFacts} are allowed");
        }

        foreach (var (name, value) in facts)
        {
            if (name.Length is 0 or > MaxFactName || name.AsSpan().ContainsAnyExcept(FactLetters) || !double.IsFinite(value))
            {
                throw new InvalidChunkException(
                    $"an episode tells '{name}' = {value}: names take up to {MaxFactName} of a-z, 0-9, _ and /, and values are finite");
            }
        }
    }

    private static bool AllFinite(ReadOnlySpan<uint> bits)
    {
        const uint exponent = 0x7F800000; // all ones: infinity or NaN
        var vectors = MemoryMarshal.Cast<uint, Vector<uint>>(bits);
        var mask = new Vector<uint>(exponent);
        foreach (var vector in vectors)
        {
            if (Vector.EqualsAny(vector & mask, mask))
            {
                return false;
            }
        }

        foreach (var value in bits[(vectors.Length * Vector<uint>.Count)..])
        {
            if ((value & exponent) == exponent)
            {
                return false;
            }
        }

        return true;
    }
}
