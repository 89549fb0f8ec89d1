namespace Grpc.Core;

/// <summary>Wishes for one write.</summary>
[Flags]
public enum WriteFlags
{
    /// <summary>The message may wait for more before it is sent.</summary>
    BufferHint = 1,

    /// <summary>Do not compress the message.</summary>
    NoCompress = 2,
}
