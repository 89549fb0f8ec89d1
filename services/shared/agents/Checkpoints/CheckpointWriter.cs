using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents.Checkpoints;

/// <summary>
/// Collects what belongs to one checkpoint: tensors, and small values as JSON. Tensors are read when the checkpoint is
/// committed, so nothing may train in between.
/// </summary>
public sealed class CheckpointWriter
{
    internal const string TensorFile = "tensors.safetensors";
    internal const string StateFile = "state.json";
    private const int Format = 1;
    private const int PieceBytes = 16 << 20;
    private readonly OrderedDictionary<string, Tensor> tensors = [];
    private readonly JsonObject values = [];

    /// <summary>Adds a tensor of any device under a new name.</summary>
    public void Tensor(string name, Tensor tensor) => tensors.Add(name, tensor);

    /// <summary>Adds anything that JSON can carry under a new name.</summary>
    public void Value<T>(string name, T value) => values.Add(name, JsonSerializer.SerializeToNode(value));

    /// <summary>Writes both files into an existing empty directory and forces them to the disk.</summary>
    internal void WriteTo(string directory)
    {
        var hash = WriteTensors(Path.Combine(directory, TensorFile));
        var state = new JsonObject { ["format"] = Format, ["tensors_sha256"] = hash, ["values"] = values.DeepClone() };
        state["sha256"] = Digest(state);
        using var file = new FileStream(Path.Combine(directory, StateFile), FileMode.CreateNew);
        using (var writer = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true }))
        {
            state.WriteTo(writer);
        }

        file.Flush(flushToDisk: true);
    }

    /// <summary>Hash of a state file's content without its own hash.</summary>
    internal static string Digest(JsonObject state)
    {
        var content = (JsonObject)state.DeepClone();
        content.Remove("sha256");
        return Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(content)));
    }

    private string WriteTensors(string path)
    {
        using var noGrad = no_grad();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        void Write(ReadOnlySpan<byte> bytes)
        {
            hash.AppendData(bytes);
            file.Write(bytes);
        }

        Write(Safetensors.WriteHeader([.. tensors.Select(pair => (pair.Key, Name(pair.Value.dtype), pair.Value.shape, pair.Value.numel() * pair.Value.element_size()))]));
        foreach (var tensor in tensors.Values)
        {
            using var scope = NewDisposeScope();
            var bytes = tensor.detach().cpu().contiguous().bytes;
            for (var at = 0; at < bytes.Length; at += PieceBytes)
            {
                Write(bytes[at..Math.Min(bytes.Length, at + PieceBytes)]);
            }
        }

        file.Flush(flushToDisk: true);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    internal static string Name(ScalarType dtype) => dtype switch
    {
        ScalarType.Float32 => "F32",
        ScalarType.Float64 => "F64",
        ScalarType.BFloat16 => "BF16",
        ScalarType.Int64 => "I64",
        ScalarType.Byte => "U8",
        _ => throw new ArgumentException($"a checkpoint holds no tensors of {dtype}"),
    };
}
