namespace Dreamer.Agents.Checkpoints;

/// <summary>One entry of a safetensors file.</summary>
/// <param name="DType">The format's own name: F32, F64, I64, ...</param>
/// <param name="Offset">First byte, from the start of the file.</param>
public sealed record SafetensorsEntry(string Name, string DType, long[] Shape, long Offset, long Bytes);
