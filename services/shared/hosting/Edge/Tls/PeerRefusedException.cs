using System.Security.Authentication;

namespace Dreamer.Hosting.Edge.Tls;

/// <summary>The other end cannot prove who it is.</summary>
internal sealed class PeerRefusedException(string message) : AuthenticationException(message);
