namespace Grpc.Core;

/// <summary>Hands the deadline and cancellation of a call being served to calls made on its behalf. Made by transports.</summary>
public abstract class ContextPropagationToken
{
    internal ContextPropagationToken()
    {
    }
}
