namespace TorchSharp;

public enum DeviceType { CPU = 0, CUDA = 1, META = 14 }

public enum PaddingModes { Zeros = 0, Reflect = 1, Replicate = 2, Circular = 3, Constant = 4 }

public static partial class torch
{
    public enum ScalarType : sbyte { Byte = 0, Int8 = 1, Int16 = 2, Int32 = 3, Int64 = 4, Float16 = 5, Float32 = 6, Float64 = 7, Bool = 11, BFloat16 = 15 }

    public enum RoundingMode { None = 0, trunc = 1, floor = 2 }

    public enum InterpolationMode { Nearest = 0, Linear = 1, Bilinear = 2, Bicubic = 3, Trilinear = 4, Area = 5, NearestExact = 6 }

    public static ScalarType uint8 = ScalarType.Byte;
    public static ScalarType int8 = ScalarType.Int8;
    public static ScalarType int16 = ScalarType.Int16;
    public static ScalarType int32 = ScalarType.Int32;
    public static ScalarType int64 = ScalarType.Int64;
    public static ScalarType float16 = ScalarType.Float16;
    public static ScalarType bfloat16 = ScalarType.BFloat16;
    public static ScalarType float32 = ScalarType.Float32;
    public static ScalarType float64 = ScalarType.Float64;
    public static ScalarType @bool = ScalarType.Bool;

    public static readonly Device CPU = new(DeviceType.CPU);

    public static Device CUDA { get; } = new(DeviceType.CUDA);

    /// <summary>Where a tensor lives; index -1 is the current device of that type.</summary>
    public class Device
    {
        public Device(DeviceType deviceType, int index = -1)
        {
            type = deviceType;
            this.index = index;
        }

        public Device(string description)
        {
            string[] parts = description.Split(':');
            type = parts[0] switch
            {
                "cpu" => DeviceType.CPU,
                "cuda" => DeviceType.CUDA,
                "meta" => DeviceType.META,
                _ => throw new ArgumentException($"Unknown device type '{parts[0]}'. Use cpu, cuda or cuda:<index>."),
            };
            index = parts.Length < 2 ? -1 : int.TryParse(parts[1], out int i) ? i : throw new ArgumentException($"Bad device index in '{description}'.");
        }

        public DeviceType type { get; }

        public int index { get; }

        public static implicit operator Device(string description) => new(description);

        public override string ToString() => (index < 0 || type == DeviceType.CPU) ? type.ToString().ToLowerInvariant() : $"{type.ToString().ToLowerInvariant()}:{index}";
    }

    /// <summary>The limits of a floating point type.</summary>
    public struct FInfo
    {
        public int bits;
        public double eps;
        public double max;
        public double min;
        public double tiny;
    }

    public static FInfo finfo(ScalarType dtype) => dtype switch
    {
        ScalarType.Float16 => new FInfo { bits = 16, eps = 9.765625e-4, max = 65504, min = -65504, tiny = 6.103515625e-5 },
        ScalarType.BFloat16 => new FInfo { bits = 16, eps = 7.8125e-3, max = 3.3895313892515355e38, min = -3.3895313892515355e38, tiny = 1.1754943508222875e-38 },
        ScalarType.Float32 => new FInfo { bits = 32, eps = 1.1920928955078125e-7, max = float.MaxValue, min = float.MinValue, tiny = 1.1754943508222875e-38 },
        ScalarType.Float64 => new FInfo { bits = 64, eps = 2.220446049250313e-16, max = double.MaxValue, min = double.MinValue, tiny = 2.2250738585072014e-308 },
        _ => throw new ArgumentException($"{dtype} is not a floating point type."),
    };

    public static bool is_floating_point(ScalarType type) => type is ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64;

    public static bool is_integral(ScalarType type) => type is ScalarType.Byte or ScalarType.Int8 or ScalarType.Int16 or ScalarType.Int32 or ScalarType.Int64 or ScalarType.Bool;
}
