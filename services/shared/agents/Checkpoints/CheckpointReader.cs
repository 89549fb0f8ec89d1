using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents.Checkpoints;

/// <summary>One checkpoint whose checksums are right.</summary>
public sealed class CheckpointReader : IDisposable
{
    private const int PieceBytes = 16 << 20;
    private readonly FileStream file;
    private readonly JsonObject values;
    private readonly IReadOnlyDictionary<string, SafetensorsEntry> entries;

    private CheckpointReader(string directory, FileStream file, JsonObject values)
    {
        (Directory, this.file, this.values) = (directory, file, values);
        entries = Safetensors.ReadHeader(file);
    }

    /// <summary>Where it lies.</summary>
    public string Directory { get; }

    /// <summary>Names of the tensors.</summary>
    public IEnumerable<string> Names => entries.Keys;

    /// <summary>Opens a checkpoint and checks all of it.</summary>
    /// <exception cref="CheckpointException">It is torn, damaged, or of another format.</exception>
    public static CheckpointReader Open(string directory)
    {
        FileStream? file = null;
        try
        {
            var state = JsonNode.Parse(File.ReadAllText(Path.Combine(directory, CheckpointWriter.StateFile))) as JsonObject
                ?? throw new InvalidDataException("its state is not a JSON object");
            if ((string?)state["sha256"] != CheckpointWriter.Digest(state))
            {
                throw new InvalidDataException("the checksum of its state is wrong");
            }

            file = new FileStream(Path.Combine(directory, CheckpointWriter.TensorFile), FileMode.Open, FileAccess.Read);
            if ((string?)state["tensors_sha256"] != Convert.ToHexStringLower(SHA256.HashData(file)))
            {
                throw new InvalidDataException("the checksum of its tensors is wrong");
            }

            file.Position = 0;
            var values = state["values"] as JsonObject ?? throw new InvalidDataException("it has no values");
            return new CheckpointReader(directory, file, (JsonObject)values.DeepClone());
        }
        catch (Exception error) when (error is IOException or InvalidDataException or JsonException or UnauthorizedAccessException
            or InvalidOperationException or ArgumentException)
        {
            file?.Dispose();
            throw new CheckpointException($"checkpoint {directory} cannot be used: {error.Message}", error);
        }
    }

    /// <summary>Whether a value of that name was saved.</summary>
    public bool Has(string name) => values.ContainsKey(name);

    /// <summary>A value as it was saved.</summary>
    /// <exception cref="CheckpointMismatchException">There is none of that name or kind.</exception>
    public T Value<T>(string name)
    {
        try
        {
            if (values[name] is { } node && node.Deserialize<T>() is { } value)
            {
                return value;
            }
        }
        catch (JsonException)
        {
            // Falls through to the message below.
        }

        throw new CheckpointMismatchException($"checkpoint {Directory} has no value {name} of the kind this agent needs: it belongs to another agent");
    }

    /// <summary>Checks that a tensor of this name, element type and shape was saved.</summary>
    /// <exception cref="CheckpointMismatchException">It is missing or differs; the message names both shapes.</exception>
    public void Expect(string name, Tensor like)
    {
        if (!entries.TryGetValue(name, out var entry))
        {
            throw new CheckpointMismatchException(
                $"checkpoint {Directory} has no tensor {name}, this agent needs {Text(like.shape)}: start with the preset and environment it was made with, or in another logdir");
        }

        var dtype = CheckpointWriter.Name(like.dtype);
        if (!entry.Shape.AsSpan().SequenceEqual(like.shape) || entry.DType != dtype)
        {
            throw new CheckpointMismatchException(
                $"tensor {name} is {entry.DType} {Text(entry.Shape)} in checkpoint {Directory}, this agent needs {dtype} {Text(like.shape)}: "
                + "start with the preset and environment it was made with, or in another logdir");
        }
    }

    /// <summary>Overwrites a tensor with the saved one.</summary>
    /// <exception cref="CheckpointMismatchException">As <see cref="Expect"/>.</exception>
    public void Tensor(string name, Tensor into)
    {
        Expect(name, into);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var entry = entries[name];
        var staging = empty(into.shape, into.dtype, CPU);
        file.Position = entry.Offset;
        for (var bytes = staging.bytes; bytes.Length > 0;)
        {
            var piece = bytes[..Math.Min(bytes.Length, PieceBytes)];
            file.ReadExactly(piece);
            bytes = bytes[piece.Length..];
        }

        into.copy_(staging);
    }

    private static string Text(long[] shape) => $"[{string.Join(", ", shape)}]";

    public void Dispose() => file.Dispose();
}
