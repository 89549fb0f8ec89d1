using System.Buffers;

namespace Grpc.Core;

/// <summary>Where a marshaller finds a message.</summary>
public abstract class DeserializationContext
{
    /// <summary>Called by transports.</summary>
    protected DeserializationContext()
    {
    }

    /// <summary>The length in bytes.</summary>
    public abstract int PayloadLength { get; }

    /// <summary>The payload in an array of its own.</summary>
    public virtual byte[] PayloadAsNewBuffer() => throw new NotImplementedException();

    /// <summary>The payload as it lies in memory; valid only while the marshaller runs.</summary>
    public virtual ReadOnlySequence<byte> PayloadAsReadOnlySequence() => throw new NotImplementedException();
}
