namespace Grpc.Core;

/// <summary>A method's names and kind, whatever its messages.</summary>
public interface IMethod
{
    /// <summary>Which sides stream.</summary>
    MethodType Type { get; }

    /// <summary>Package and service, such as <c>dreamer.v1.Replay</c>.</summary>
    string ServiceName { get; }

    /// <summary>The method's own name.</summary>
    string Name { get; }

    /// <summary>The path on the wire: <c>/service/method</c>.</summary>
    string FullName { get; }
}
