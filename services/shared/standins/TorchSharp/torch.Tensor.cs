using System.Runtime.InteropServices;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A tensor of libtorch; <see cref="Handle"/> is its at::Tensor*.</summary>
    public partial class Tensor : IDisposable
    {
        private static long s_totalCount;
        private static long s_peakCount;
        private nint _handle;

        internal Tensor(nint handle)
        {
            _handle = handle;
            s_peakCount = Math.Max(Interlocked.Increment(ref s_totalCount), s_peakCount);
            OwningDisposeScope = DisposeScopeManager.Thread.Register(this);
        }

        ~Tensor() => Dispose(false);

        internal DisposeScope? OwningDisposeScope { get; set; }

        /// <summary>The tensors that are alive in the process.</summary>
        public static long TotalCount => s_totalCount;

        public static long PeakCount => s_peakCount;

        public nint Handle => _handle != 0 ? _handle : throw new InvalidOperationException("Tensor invalid -- empty handle.");

        public bool IsInvalid => _handle == 0;

        /// <summary>Owns the at::Tensor* from now on.</summary>
        public static Tensor UnsafeCreateTensor(nint handle) => new(handle);

        /// <summary>Gives the at::Tensor* away: whoever takes it deletes it.</summary>
        public nint DecoupleFromNativeHandle()
        {
            GC.SuppressFinalize(this);
            nint handle = Handle;
            Interlocked.Decrement(ref s_totalCount);
            _handle = 0;
            return handle;
        }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            if (_handle == 0)
                return;
            DisposeScopeManager.Thread.Disposing(this);
            OwningDisposeScope?.MarkAsDisposed(this);
            Interlocked.Decrement(ref s_totalCount);
            Native.dreamer_tensor_delete(_handle);
            _handle = 0;
        }

        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningDisposeScope);

        public Tensor MoveToOtherDisposeScope(DisposeScope? other)
        {
            if (OwningDisposeScope is null)
                other?.Attach(this);
            else
                OwningDisposeScope.MoveToOther(other, this);
            return this;
        }

        public string? name { get; set; }

        public long Dimensions => Native.dreamer_tensor_dim(Handle);

        public long ndim => Dimensions;

        public long dim() => Dimensions;

        public long NumberOfElements => Native.dreamer_tensor_numel(Handle);

        public long numel() => NumberOfElements;

        public long ElementSize => dtype.ElementSize();

        public long element_size() => ElementSize;

        public ScalarType dtype => (ScalarType)Native.dreamer_tensor_dtype(Handle);

        public bool is_floating_point() => torch.is_floating_point(dtype);

        public bool is_integral() => torch.is_integral(dtype);

        public DeviceType device_type
        {
            get
            {
                Native.dreamer_tensor_device(Handle, out int type, out _);
                return (DeviceType)type;
            }
        }

        public int device_index
        {
            get
            {
                Native.dreamer_tensor_device(Handle, out _, out int index);
                return index;
            }
        }

        public Device device => device_type == DeviceType.CPU ? CPU : new Device(device_type, device_index);

        public bool is_cuda => device_type == DeviceType.CUDA;

        public long[] shape => Layout().Sizes;

        public long[] size() => shape;

        public long size(int dim) => shape[dim < 0 ? dim + (int)Dimensions : dim];

        public long[] stride() => Layout().Strides;

        public bool is_contiguous() => Native.dreamer_tensor_is_contiguous(Handle) != 0;

        public bool is_leaf => Native.dreamer_tensor_is_leaf(Handle) != 0;

        public bool requires_grad
        {
            get => Native.dreamer_tensor_requires_grad(Handle) != 0;
            set => Native.Check(Native.dreamer_tensor_set_requires_grad(Handle, value ? 1 : 0));
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public Tensor? grad
        {
            get => Native.dreamer_tensor_grad(Handle) is var handle && handle == 0 ? null : new Tensor(handle);
            set => Native.Check(Native.dreamer_tensor_set_grad(Handle, value?.Handle ?? 0));
        }

        public void backward() => autograd.backward([this]);

        public void backward(IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor>? inputs = null) =>
            autograd.backward([this], grad_tensors, retain_graph, create_graph, inputs);

        /// <summary>The memory of a contiguous tensor on the CPU.</summary>
        public unsafe Span<byte> bytes
        {
            get
            {
                if (!is_contiguous())
                    throw new InvalidOperationException("bytes of a tensor that is not contiguous: call contiguous() first.");
                return new Span<byte>(DataPointer(), checked((int)(NumberOfElements * ElementSize)));
            }
            set
            {
                if (value.Length != NumberOfElements * ElementSize)
                    throw new ArgumentException($"{value.Length} bytes do not fill a tensor of {NumberOfElements * ElementSize}.");
                value.CopyTo(bytes);
            }
        }

        public Utils.TensorAccessor<T> data<T>() where T : unmanaged
        {
            if (TypeOf(typeof(T)) != dtype)
                throw new ArgumentException($"{typeof(T).Name} is not compatible with {dtype}");
            return new Utils.TensorAccessor<T>(device_type == DeviceType.CPU ? this : cpu());
        }

        public T item<T>() where T : unmanaged
        {
            if (NumberOfElements != 1)
                throw new ArgumentException("Number of elements in the tensor must be 1");
            return data<T>()[0];
        }

        public Scalar ToScalar() => Scalar.Of(Ops._local_scalar_dense.Value(this));

        public static explicit operator float(Tensor value) => value.ToSingle();
        public static explicit operator double(Tensor value) => value.ToDouble();
        public static explicit operator int(Tensor value) => value.ToInt32();
        public static explicit operator long(Tensor value) => value.ToInt64();
        public static explicit operator bool(Tensor value) => value.ToBoolean();

        public override string ToString() => $"[{string.Join("x", shape)}], type = {dtype}, device = {device}";

        internal unsafe void* DataPointer()
        {
            if (device_type != DeviceType.CPU)
                throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
            void* pointer = Native.dreamer_tensor_data(Handle);
            if (pointer == null && NumberOfElements > 0)
                Native.Throw();
            return pointer;
        }

        private unsafe (long[] Sizes, long[] Strides) Layout()
        {
            var sizes = new long[Dimensions];
            var strides = new long[sizes.Length];
            fixed (long* s = sizes, t = strides)
                Native.dreamer_tensor_layout(Handle, s, t);
            return (sizes, strides);
        }
    }

    /// <summary>The element type that holds a .NET number.</summary>
    internal static ScalarType TypeOf(Type type) =>
        type == typeof(float) ? ScalarType.Float32
        : type == typeof(double) ? ScalarType.Float64
        : type == typeof(long) ? ScalarType.Int64
        : type == typeof(int) ? ScalarType.Int32
        : type == typeof(short) ? ScalarType.Int16
        : type == typeof(byte) ? ScalarType.Byte
        : type == typeof(sbyte) ? ScalarType.Int8
        : type == typeof(bool) ? ScalarType.Bool
        : type == typeof(Half) ? ScalarType.Float16
        : type == typeof(BFloat16) ? ScalarType.BFloat16
        : throw new NotSupportedException($"No element type holds {type.Name}.");
}
