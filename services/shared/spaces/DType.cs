namespace Dreamer.Spaces;

/// <summary>Element type of a tensor that travels between services. All values are little endian.</summary>
public enum DType : byte
{
    /// <summary>IEEE single precision, 4 bytes.</summary>
    Float32 = 1,

    /// <summary>Unsigned byte: images, flags, class indices.</summary>
    UInt8 = 2,

    /// <summary>Signed 32-bit integer: categorical observations.</summary>
    Int32 = 3,

    /// <summary>Upper half of a single: recurrent state and weights on the wire, 2 bytes.</summary>
    BFloat16 = 4,
}
