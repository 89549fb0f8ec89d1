namespace TorchSharp;

public static partial class torch
{
    /// <summary>One position in an index expression: a number, a slice, a tensor, a new axis, or the axes in between.</summary>
    public struct TensorIndex
    {
        internal enum Kind { None, Single, Slice, Bool, Tensor, Ellipsis }

        internal Kind Type;
        internal long? Start;
        internal long? Stop;
        internal long? Step;
        internal Tensor? Mask;

        /// <summary>A new axis of length 1.</summary>
        public static TensorIndex None = new() { Type = Kind.None };

        public static TensorIndex Null = None;

        public static TensorIndex Ellipsis = new() { Type = Kind.Ellipsis };

        public static TensorIndex Colon = Slice();

        public static TensorIndex Bool(bool value) => new() { Type = Kind.Bool, Start = value ? 1 : 0 };

        public static TensorIndex Single(long? index) => new() { Type = Kind.Single, Start = index };

        public static TensorIndex Tensor(Tensor tensor) => new() { Type = Kind.Tensor, Mask = tensor };

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) => new() { Type = Kind.Slice, Start = start, Stop = stop, Step = step };

        public static TensorIndex Slice(Range range) => Slice(Offset(range.Start), range.End.Equals(Index.End) ? null : Offset(range.End));

        public static implicit operator TensorIndex(long value) => Single(value);

        public static implicit operator TensorIndex(Index index) => Single(Offset(index));

        public static implicit operator TensorIndex(Range range) => Slice(range);

        private static long Offset(Index index) => index.IsFromEnd ? -index.Value : index.Value;
    }
}
