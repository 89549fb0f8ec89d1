using System.Text;

namespace Grpc.Core;

/// <summary>One fact that a peer proved about itself.</summary>
public class AuthProperty
{
    private readonly byte[] _valueBytes;

    private AuthProperty(string name, byte[] valueBytes)
    {
        Name = name;
        _valueBytes = valueBytes;
    }

    /// <summary>The fact's name.</summary>
    public string Name { get; }

    /// <summary>The value as UTF-8 text.</summary>
    public string Value => Encoding.UTF8.GetString(_valueBytes);

    /// <summary>A copy of the value.</summary>
    public byte[] ValueBytes => [.. _valueBytes];

    /// <summary>States a fact.</summary>
    public static AuthProperty Create(string name, byte[] valueBytes)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(valueBytes);
        return new AuthProperty(name, [.. valueBytes]);
    }
}
