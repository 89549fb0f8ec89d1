namespace Grpc.Core;

/// <summary>Whether to trust the server.</summary>
public delegate bool VerifyPeerCallback(VerifyPeerContext context);
