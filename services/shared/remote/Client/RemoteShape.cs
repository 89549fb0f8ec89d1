using V1 = Dreamer.Remote.V1;

namespace Dreamer.Remote.Client;

/// <summary>What is asked of every tensor that a server offers.</summary>
internal static class RemoteShape
{
    private const int MostElements = 1 << 26;

    /// <summary>Elements of a tensor of numbers with a fixed shape.</summary>
    /// <exception cref="RemoteEnvironmentException">It is of another kind.</exception>
    public static int Elements(string role, V1.TensorSpec spec)
    {
        if (!Tensors.IsNumeric(spec.Dtype))
        {
            throw new RemoteEnvironmentException(
                $"{role} '{spec.Name}' is of type {spec.Dtype}, which no agent here can use{(role == "observation" ? "; leave it out with env.remote.observations" : "")}.");
        }

        // In 64 bits and capped: the shape comes from outside.
        var elements = spec.Shape.Aggregate(1L, (product, extent) => Math.Min(product * Math.Max(extent, 0), MostElements + 1L));
        return elements is >= 1 and <= MostElements
            ? (int)elements
            : throw new RemoteEnvironmentException($"{role} '{spec.Name}' has the shape [{string.Join(", ", spec.Shape)}]; agents here need a fixed one of at most {MostElements} elements.");
    }

    /// <summary>For messages: name, type and shape of each.</summary>
    public static string Describe(IEnumerable<V1.TensorSpec> specs)
    {
        var text = string.Join(", ", specs.Select(spec => $"{spec.Name} ({spec.Dtype} [{string.Join(", ", spec.Shape)}])"));
        return text.Length > 0 ? text : "(none)";
    }
}
