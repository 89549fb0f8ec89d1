namespace Dreamer.Policies;

/// <summary>What an agent needs to act: one flat bfloat16 blob and a manifest. This is what travels from the learner to the actors.</summary>
/// <param name="Version">Counts up with every publication; latest wins.</param>
/// <param name="Manifest">UTF-8 JSON: agent kind, its sizes, and for each tensor name, shape and offset in elements.</param>
/// <param name="Weights">All tensors, bfloat16, little endian, row major, in manifest order.</param>
/// <param name="Sha256">Hash of manifest then weights, 32 bytes; receivers verify it and keep the old weights on a mismatch.</param>
public sealed record PolicyBlob(long Version, ReadOnlyMemory<byte> Manifest, ReadOnlyMemory<byte> Weights, ReadOnlyMemory<byte> Sha256);
