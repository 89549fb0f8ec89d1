using System.Buffers;

namespace Grpc.Core;

/// <summary>Where a marshaller puts a message.</summary>
public abstract class SerializationContext
{
    /// <summary>Called by transports.</summary>
    protected SerializationContext()
    {
    }

    /// <summary>Hands over the whole payload.</summary>
    public virtual void Complete(byte[] payload) => throw new NotImplementedException();

    /// <summary>A writer for the payload, to be followed by <see cref="Complete()"/>.</summary>
    public virtual IBufferWriter<byte> GetBufferWriter() => throw new NotImplementedException();

    /// <summary>Announces the length in bytes before the payload is written.</summary>
    public virtual void SetPayloadLength(int payloadLength)
    {
    }

    /// <summary>Ends a payload that was written to <see cref="GetBufferWriter"/>.</summary>
    public virtual void Complete() => throw new NotImplementedException();
}
