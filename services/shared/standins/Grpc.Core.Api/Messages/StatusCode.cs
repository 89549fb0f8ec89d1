namespace Grpc.Core;

/// <summary>How a call ended; the numbers are those on the wire.</summary>
public enum StatusCode
{
    /// <summary>Success.</summary>
    OK = 0,

    /// <summary>The caller cancelled.</summary>
    Cancelled = 1,

    /// <summary>An error with no better code.</summary>
    Unknown = 2,

    /// <summary>The argument can never be right.</summary>
    InvalidArgument = 3,

    /// <summary>The deadline passed first.</summary>
    DeadlineExceeded = 4,

    /// <summary>What was asked for is not there.</summary>
    NotFound = 5,

    /// <summary>What was to be made is there already.</summary>
    AlreadyExists = 6,

    /// <summary>The caller is known and may not do this.</summary>
    PermissionDenied = 7,

    /// <summary>Out of quota, space or message size.</summary>
    ResourceExhausted = 8,

    /// <summary>The system is not in the state this call needs.</summary>
    FailedPrecondition = 9,

    /// <summary>Lost a race; try again from the start.</summary>
    Aborted = 10,

    /// <summary>Past the valid range.</summary>
    OutOfRange = 11,

    /// <summary>The server has no such method.</summary>
    Unimplemented = 12,

    /// <summary>A broken invariant.</summary>
    Internal = 13,

    /// <summary>The server cannot be reached now; try again.</summary>
    Unavailable = 14,

    /// <summary>Data is lost or corrupt.</summary>
    DataLoss = 15,

    /// <summary>The caller did not prove who it is.</summary>
    Unauthenticated = 16,
}
