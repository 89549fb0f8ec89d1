namespace Grpc.Core;

/// <summary>Says which generated method binds a service class.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = true)]
public class BindServiceMethodAttribute(Type bindType, string bindMethodName) : Attribute
{
    /// <summary>The type that has the method.</summary>
    public Type BindType { get; } = bindType;

    /// <summary>The method's name.</summary>
    public string BindMethodName { get; } = bindMethodName;
}
