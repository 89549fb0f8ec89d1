using System.IO.Compression;

namespace Grpc.Net.Compression;

/// <summary>Compresses and decompresses messages.</summary>
public interface ICompressionProvider
{
    /// <summary>The name on the wire.</summary>
    string EncodingName { get; }

    /// <summary>What is written to the result reaches <paramref name="stream"/> compressed.</summary>
    Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel);

    /// <summary>What is read from the result is <paramref name="stream"/> decompressed.</summary>
    Stream CreateDecompressionStream(Stream stream);
}
