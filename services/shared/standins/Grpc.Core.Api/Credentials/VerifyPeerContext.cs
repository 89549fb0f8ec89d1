namespace Grpc.Core;

/// <summary>The server that asks to be trusted.</summary>
public class VerifyPeerContext
{
    internal VerifyPeerContext(string targetName, string peerPem)
    {
        TargetName = targetName;
        PeerPem = peerPem;
    }

    /// <summary>The name it was called by.</summary>
    public string TargetName { get; }

    /// <summary>Its certificate, as PEM text.</summary>
    public string PeerPem { get; }
}
