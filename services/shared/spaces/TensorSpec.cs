using System.Collections.Immutable;
using System.Globalization;

namespace Dreamer.Spaces;

/// <summary>Name, element type and shape of one tensor per step, e.g. <c>image:uint8:64x64x3</c>.</summary>
/// <param name="Key">Name, unique inside a schema.</param>
/// <param name="DType">Element type.</param>
/// <param name="Shape">Extent per axis without batch or time; empty for a scalar. Images are [height, width, channels].</param>
/// <param name="Classes">For <see cref="DType.Int32"/>: values lie in [0, Classes); 0 otherwise.</param>
public sealed record TensorSpec(string Key, DType DType, ImmutableArray<int> Shape, int Classes = 0)
{
    public TensorSpec(string key, DType dtype, params int[] shape) : this(key, dtype, ImmutableArray.Create(shape)) { }

    /// <summary>Elements per step: the product of the shape.</summary>
    public int Elements => Shape.Aggregate(1, (product, extent) => product * extent);

    /// <summary>Bytes per step.</summary>
    public int Bytes => Elements * SizeOf(DType);

    /// <summary>A uint8 tensor of rank 3, [height, width, channels].</summary>
    public bool IsImage => DType == DType.UInt8 && Shape.Length == 3;

    /// <summary>Bytes per element.</summary>
    public static int SizeOf(DType dtype) => dtype switch
    {
        DType.Float32 or DType.Int32 => 4,
        DType.BFloat16 => 2,
        DType.UInt8 => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "unknown element type"),
    };

    public bool Equals(TensorSpec? other) =>
        other is not null && Key == other.Key && DType == other.DType && Classes == other.Classes
        && Shape.AsSpan().SequenceEqual(other.Shape.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Key, DType, Classes, Shape.Length, Elements);

    /// <summary>The text form that <see cref="Parse"/> reads: <c>key:dtype:AxBxC[:classes]</c>.</summary>
    public override string ToString()
    {
        var text = $"{Key}:{DType.ToString().ToLowerInvariant()}:{string.Join('x', Shape)}";
        return Classes > 0 ? $"{text}:{Classes}" : text;
    }

    /// <summary>Reads <c>key:dtype:AxBxC[:classes]</c>; an empty shape is a scalar.</summary>
    /// <exception cref="FormatException">The text has another form; the message shows the right one.</exception>
    public static TensorSpec Parse(string text)
    {
        var parts = text.Split(':');
        if (parts.Length is < 3 or > 4 || parts[0].Length == 0
            || !Enum.TryParse<DType>(parts[1], ignoreCase: true, out var dtype) || !Enum.IsDefined(dtype))
        {
            throw Malformed(text);
        }

        var shape = ImmutableArray.CreateBuilder<int>();
        foreach (var extent in parts[2].Split('x', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!int.TryParse(extent, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value == 0)
            {
                throw Malformed(text);
            }

            shape.Add(value);
        }

        if (shape.Aggregate(1L, (product, extent) => Math.Min(product * extent, int.MaxValue)) > int.MaxValue / 4)
        {
            throw Malformed(text);
        }

        var classes = 0;
        if (parts.Length == 4 && !int.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out classes))
        {
            throw Malformed(text);
        }

        return new TensorSpec(parts[0], dtype, shape.ToImmutable(), classes);
    }

    private static FormatException Malformed(string text) => new(
        $"'{text}' is not a tensor: write key:dtype:shape, e.g. image:uint8:64x64x3, vector:float32:24 or room:int32:1:10 "
        + "(dtypes: float32, uint8, int32, bfloat16).");
}
