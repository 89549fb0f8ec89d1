namespace Grpc.Core;

/// <summary>What a peer proved about itself.</summary>
public class AuthContext(string? peerIdentityPropertyName, Dictionary<string, List<AuthProperty>> properties)
{
    private readonly Dictionary<string, List<AuthProperty>> _properties =
        properties ?? throw new ArgumentNullException(nameof(properties));

    /// <summary>Whether it proved who it is.</summary>
    public bool IsPeerAuthenticated => PeerIdentityPropertyName is not null;

    /// <summary>The name of the property that says who it is; null when unknown.</summary>
    public string? PeerIdentityPropertyName { get; } = peerIdentityPropertyName;

    /// <summary>Who it is.</summary>
    public IEnumerable<AuthProperty> PeerIdentity =>
        PeerIdentityPropertyName is null ? [] : FindPropertiesByName(PeerIdentityPropertyName);

    /// <summary>Everything it proved.</summary>
    public IEnumerable<AuthProperty> Properties => _properties.Values.SelectMany(values => values);

    /// <summary>What it proved under this name.</summary>
    public IEnumerable<AuthProperty> FindPropertiesByName(string propertyName) =>
        _properties.TryGetValue(propertyName, out var values) ? values : [];
}
