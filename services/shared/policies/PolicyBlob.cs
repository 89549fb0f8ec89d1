using System.Diagnostics;
using System.Security.Cryptography;

namespace Dreamer.Policies;

/// <summary>What an agent needs to act: one flat bfloat16 blob and a manifest. This is what travels from the learner to the actors.</summary>
/// <param name="Version">Counts up with every publication; latest wins.</param>
/// <param name="Manifest">UTF-8 JSON: agent kind, its sizes, and for each tensor name, shape and offset in elements.</param>
/// <param name="Weights">All tensors, bfloat16, little endian, row major, in manifest order.</param>
/// <param name="Sha256">Hash of manifest then weights, 32 bytes; receivers verify it and keep the old weights on a mismatch.</param>
public sealed record PolicyBlob(long Version, ReadOnlyMemory<byte> Manifest, ReadOnlyMemory<byte> Weights, ReadOnlyMemory<byte> Sha256)
{
    private Action? _recycle;

    /// <summary>Takes the memory back of a blob that was received; null where it may be anybody's.</summary>
    public Action? Recycle
    {
        init => _recycle = value;
    }

    /// <summary>Steps in the replay when it was published.</summary>
    public long Steps { get; init; }

    /// <summary>The span that published it, for those who follow a chunk as far as here; else default.</summary>
    public ActivityContext Trace { get; init; }

    /// <summary>
    /// Gives the memory back for a version to come; nobody may read this one any more. For who alone reads a feed, when a
    /// newer version has come. Again does nothing.
    /// </summary>
    public void Release() => Interlocked.Exchange(ref _recycle, null)?.Invoke();

    /// <summary>A blob with the hash of its content.</summary>
    public static PolicyBlob Create(long version, ReadOnlyMemory<byte> manifest, ReadOnlyMemory<byte> weights) =>
        new(version, manifest, weights, Hash(manifest.Span, weights.Span));

    /// <summary>Checks the hash.</summary>
    /// <exception cref="PolicyFormatException">Manifest or weights are not what the sender hashed.</exception>
    public void Verify()
    {
        if (!Hash(Manifest.Span, Weights.Span).AsSpan().SequenceEqual(Sha256.Span))
        {
            throw new PolicyFormatException($"policy version {Version} arrived damaged: its SHA-256 does not match; fetch it again.");
        }
    }

    private static byte[] Hash(ReadOnlySpan<byte> manifest, ReadOnlySpan<byte> weights)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(manifest);
        hash.AppendData(weights);
        return hash.GetHashAndReset();
    }
}
