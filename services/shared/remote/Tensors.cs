using Google.Protobuf;
using V1 = Dreamer.Remote.V1;

namespace Dreamer.Remote;

/// <summary>Reading and writing the numbers of dm_env_rpc's tensors, whatever their type.</summary>
internal static class Tensors
{
    /// <summary>The type of a tensor's payload; payloads and types have the same numbers.</summary>
    public static V1.DataType TypeOf(V1.Tensor tensor) => (V1.DataType)tensor.PayloadCase;

    public static bool IsNumeric(V1.DataType type) => type is >= V1.DataType.Float and <= V1.DataType.Bool;

    public static bool IsReal(V1.DataType type) => type is V1.DataType.Float or V1.DataType.Double;

    public static bool IsInteger(V1.DataType type) => type is >= V1.DataType.Int8 and <= V1.DataType.Uint64;

    /// <summary>Elements that are there, broadcasting apart.</summary>
    public static int Count(V1.Tensor tensor) => tensor.PayloadCase switch
    {
        V1.Tensor.PayloadOneofCase.Floats => tensor.Floats.Array.Count,
        V1.Tensor.PayloadOneofCase.Doubles => tensor.Doubles.Array.Count,
        V1.Tensor.PayloadOneofCase.Int8S => tensor.Int8S.Array.Length,
        V1.Tensor.PayloadOneofCase.Int32S => tensor.Int32S.Array.Count,
        V1.Tensor.PayloadOneofCase.Int64S => tensor.Int64S.Array.Count,
        V1.Tensor.PayloadOneofCase.Uint8S => tensor.Uint8S.Array.Length,
        V1.Tensor.PayloadOneofCase.Uint32S => tensor.Uint32S.Array.Count,
        V1.Tensor.PayloadOneofCase.Uint64S => tensor.Uint64S.Array.Count,
        V1.Tensor.PayloadOneofCase.Bools => tensor.Bools.Array.Count,
        _ => 0,
    };

    /// <summary>One number, or flag as 0 and 1.</summary>
    public static double At(V1.Tensor tensor, int index) => tensor.PayloadCase switch
    {
        V1.Tensor.PayloadOneofCase.Floats => tensor.Floats.Array[index],
        V1.Tensor.PayloadOneofCase.Doubles => tensor.Doubles.Array[index],
        V1.Tensor.PayloadOneofCase.Int8S => (sbyte)tensor.Int8S.Array[index],
        V1.Tensor.PayloadOneofCase.Int32S => tensor.Int32S.Array[index],
        V1.Tensor.PayloadOneofCase.Int64S => tensor.Int64S.Array[index],
        V1.Tensor.PayloadOneofCase.Uint8S => tensor.Uint8S.Array[index],
        V1.Tensor.PayloadOneofCase.Uint32S => tensor.Uint32S.Array[index],
        V1.Tensor.PayloadOneofCase.Uint64S => tensor.Uint64S.Array[index],
        V1.Tensor.PayloadOneofCase.Bools => tensor.Bools.Array[index] ? 1 : 0,
        _ => throw new InvalidOperationException($"{tensor.PayloadCase} are no numbers"),
    };

    /// <summary>A tensor of whole numbers; the caller has seen to it that they fit the type.</summary>
    public static V1.Tensor OfIntegers(V1.DataType type, params ReadOnlySpan<long> values)
    {
        var tensor = new V1.Tensor();
        switch (type)
        {
            case V1.DataType.Int8:
                tensor.Int8S = new() { Array = Bytes(values) };
                break;
            case V1.DataType.Uint8:
                tensor.Uint8S = new() { Array = Bytes(values) };
                break;
            case V1.DataType.Int32:
                tensor.Int32S = new() { Array = { Each(values, value => (int)value) } };
                break;
            case V1.DataType.Int64:
                tensor.Int64S = new() { Array = { values.ToArray() } };
                break;
            case V1.DataType.Uint32:
                tensor.Uint32S = new() { Array = { Each(values, value => (uint)value) } };
                break;
            case V1.DataType.Uint64:
                tensor.Uint64S = new() { Array = { Each(values, value => (ulong)value) } };
                break;
            default:
                throw new ArgumentException($"{type} is no integer type", nameof(type));
        }

        return tensor;
    }

    /// <summary>A tensor of real numbers, float32 or float64.</summary>
    public static V1.Tensor OfReals(V1.DataType type, params ReadOnlySpan<double> values) => type == V1.DataType.Double
        ? new() { Doubles = new() { Array = { values.ToArray() } } }
        : new() { Floats = new() { Array = { Each(values, value => (float)value) } } };

    /// <summary>Bounds, one for all elements or one for each; empty where there are none.</summary>
    public static double[] Bounds(V1.TensorSpec.Types.Value? value)
    {
        if (value is null)
        {
            return [];
        }

        // A bound has the payloads of a tensor under other numbers.
        var numbers = value.PayloadCase switch
        {
            V1.TensorSpec.Types.Value.PayloadOneofCase.Floats => new V1.Tensor { Floats = value.Floats },
            V1.TensorSpec.Types.Value.PayloadOneofCase.Doubles => new V1.Tensor { Doubles = value.Doubles },
            V1.TensorSpec.Types.Value.PayloadOneofCase.Int8S => new V1.Tensor { Int8S = value.Int8S },
            V1.TensorSpec.Types.Value.PayloadOneofCase.Int32S => new V1.Tensor { Int32S = value.Int32S },
            V1.TensorSpec.Types.Value.PayloadOneofCase.Int64S => new V1.Tensor { Int64S = value.Int64S },
            V1.TensorSpec.Types.Value.PayloadOneofCase.Uint8S => new V1.Tensor { Uint8S = value.Uint8S },
            V1.TensorSpec.Types.Value.PayloadOneofCase.Uint32S => new V1.Tensor { Uint32S = value.Uint32S },
            V1.TensorSpec.Types.Value.PayloadOneofCase.Uint64S => new V1.Tensor { Uint64S = value.Uint64S },
            _ => new V1.Tensor(),
        };
        return [.. Enumerable.Range(0, Count(numbers)).Select(index => At(numbers, index))];
    }

    private static ByteString Bytes(ReadOnlySpan<long> values) => ByteString.CopyFrom(Each(values, value => unchecked((byte)value)));

    private static TTo[] Each<TFrom, TTo>(ReadOnlySpan<TFrom> values, Func<TFrom, TTo> map)
    {
        var mapped = new TTo[values.Length];
        for (var index = 0; index < values.Length; index++)
        {
            mapped[index] = map(values[index]);
        }

        return mapped;
    }
}
