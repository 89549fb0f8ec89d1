using static TorchSharp.torch;

namespace Dreamer.Agents.Nets;

/// <summary>One named trainable tensor. It has a shape from the start and a value once its set is allocated.</summary>
public sealed class Parameter
{
    private Tensor? value;

    internal Parameter(string name, long[] shape, Initializer initializer, long offset)
    {
        (Name, Shape, Initializer, Offset) = (name, shape, initializer, offset);
        Count = shape.Aggregate(1L, (product, extent) => product * extent);
    }

    /// <summary>Path such as <c>enc/mlp0/weight</c>; the first segment is the module.</summary>
    public string Name { get; }

    public string Module => Name[..Name.IndexOf('/')];

    public long[] Shape { get; }

    /// <summary>Elements.</summary>
    public long Count { get; }

    /// <summary>First element in the flat buffers of the set.</summary>
    internal long Offset { get; }

    internal Initializer Initializer { get; }

    /// <summary>The leaf tensor, a view into the set's flat buffer.</summary>
    public Tensor Value
    {
        get => value ?? throw new InvalidOperationException($"parameter {Name} has a shape but no memory: allocate its set first");
        internal set => this.value = value;
    }
}
