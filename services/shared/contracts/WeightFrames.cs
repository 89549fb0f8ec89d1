using System.Security.Cryptography;
using Dreamer.Experience;
using Dreamer.Policies;
using Google.Protobuf;
using Grpc.Core;

namespace Dreamer.Contracts;

/// <summary>One version of the weights as a sequence of frames: a header, then manifest and weights in pieces of 64 KiB.</summary>
public static class WeightFrames
{
    // Versions count up: from here a learner could never get to the end.
    private const long LargestVersion = 1L << 53;

    // Each piece becomes an array where it arrives: small ones are cheap to allocate, large ones cost a full collection.
    private const int FrameBytes = 64 << 10;

    /// <summary>The frames of a version; the data is not copied.</summary>
    public static IEnumerable<V1.WeightFrame> Split(PolicyBlob blob)
    {
        yield return new V1.WeightFrame
        {
            Header = new V1.WeightHeader
            {
                Version = blob.Version,
                ManifestBytes = blob.Manifest.Length,
                WeightBytes = blob.Weights.Length,
                Sha256 = UnsafeByteOperations.UnsafeWrap(blob.Sha256),
                Traceparent = TraceParent.Write(blob.Trace),
                Steps = blob.Steps,
            },
        };
        foreach (var part in new[] { blob.Manifest, blob.Weights })
        {
            for (var start = 0; start < part.Length; start += FrameBytes)
            {
                var data = part.Slice(start, Math.Min(FrameBytes, part.Length - start));
                yield return new V1.WeightFrame { Data = UnsafeByteOperations.UnsafeWrap(data) };
            }
        }
    }

    /// <summary>Sends the newest version above the given one, then every newer one; whoever is slow skips some.</summary>
    /// <param name="next">Waits for a version above the given one, and gives the newest.</param>
    /// <param name="afterVersion">-1 for any.</param>
    /// <param name="replies">Gets the frames.</param>
    /// <param name="cancellationToken">Ends it: nothing else does.</param>
    public static async Task StreamAsync(
        Func<long, CancellationToken, ValueTask<PolicyBlob>> next, long afterVersion, IServerStreamWriter<V1.WeightFrame> replies, CancellationToken cancellationToken)
    {
        while (true)
        {
            var blob = await next(afterVersion, cancellationToken);
            foreach (var frame in Split(blob))
            {
                await replies.WriteAsync(frame, cancellationToken);
            }

            afterVersion = blob.Version;
        }
    }

    /// <summary>Reads and verifies one version; null where the stream ends before a header.</summary>
    /// <param name="frames">A header, then data.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="maxBytes">Largest accepted manifest plus weights.</param>
    /// <exception cref="PolicyFormatException">A length or the hash differs, or the frames are out of order.</exception>
    /// <exception cref="LimitExceededException">There are more than <paramref name="maxBytes"/>.</exception>
    public static async Task<PolicyBlob?> ReadAsync(
        IAsyncStreamReader<V1.WeightFrame> frames, CancellationToken cancellationToken, long maxBytes = int.MaxValue)
    {
        if (!await frames.MoveNext(cancellationToken))
        {
            return null;
        }

        if (frames.Current.Header is not { } header)
        {
            throw new PolicyFormatException("a version of the weights must begin with its header");
        }

        if (header.Version is < 0 or > LargestVersion || header.Sha256.Length != SHA256.HashSizeInBytes
            || header.ManifestBytes <= 0 || header.WeightBytes is < 0 or > int.MaxValue)
        {
            throw new PolicyFormatException(
                $"version {header.Version} with {header.ManifestBytes} + {header.WeightBytes} bytes and a hash of {header.Sha256.Length} bytes is out of range");
        }

        var total = header.ManifestBytes + header.WeightBytes;
        if (total > Math.Min(maxBytes, Array.MaxLength))
        {
            throw new LimitExceededException($"weights of {total} bytes are more than the {Math.Min(maxBytes, Array.MaxLength)} of replay.limits.weights_bytes");
        }

        var data = RecycledArrays.Rent((int)total);
        var received = 0;
        while (received < total)
        {
            if (!await frames.MoveNext(cancellationToken) || frames.Current.BodyCase != V1.WeightFrame.BodyOneofCase.Data)
            {
                throw new PolicyFormatException($"version {header.Version} ended after {received} of {total} bytes");
            }

            var piece = frames.Current.Data.Span;
            if (piece.Length > total - received)
            {
                throw new PolicyFormatException($"version {header.Version} has more bytes than the {total} that its header says");
            }

            piece.CopyTo(data.AsSpan(received));
            received += piece.Length;
        }

        var blob = new PolicyBlob(header.Version, data.AsMemory(0, (int)header.ManifestBytes), data.AsMemory((int)header.ManifestBytes, (int)header.WeightBytes), header.Sha256.Memory)
        {
            Recycle = () => RecycledArrays.Return(data),
            Steps = header.Steps,
            Trace = TraceParent.Read(header.Traceparent),
        };
        blob.Verify();
        return blob;
    }
}
