using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>What an argument is; the same numbers as in dispatcher.cpp.</summary>
internal enum Tag { Default, None, Tensor, Int, Double, Bool, IntList, DoubleList, TensorList, OptionalTensorList, Device, Generator, String }

/// <summary>An argument as it crosses the boundary: 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeArg
{
    internal Tag Tag;
    internal int Count;
    internal long Bits;
}

/// <summary>An argument before it crosses the boundary: it also keeps the managed object alive until the call is over.</summary>
internal readonly struct Arg
{
    internal readonly object? Object;
    internal readonly long Bits;
    internal readonly int Count;
    internal readonly Tag Tag;

    private Arg(Tag tag, long bits = 0, object? value = null, int count = 0)
    {
        Tag = tag;
        Bits = bits;
        Object = value;
        Count = count;
    }

    /// <summary>The default of the operator's schema.</summary>
    internal static Arg Default => default;

    internal static Arg None => new(Tag.None);

    internal static Arg Optional(IEnumerable<torch.Tensor?> tensors) => new(Tag.OptionalTensorList, value: tensors.ToArray());

    public static implicit operator Arg(torch.Tensor? tensor) => tensor is null ? None : new(Tag.Tensor, tensor.Handle, tensor);
    public static implicit operator Arg(torch.Tensor[] tensors) => new(Tag.TensorList, value: tensors);
    public static implicit operator Arg(long value) => new(Tag.Int, value);
    public static implicit operator Arg(long? value) => value is { } v ? new(Tag.Int, v) : None;
    public static implicit operator Arg(double value) => new(Tag.Double, BitConverter.DoubleToInt64Bits(value));
    public static implicit operator Arg(bool value) => new(Tag.Bool, value ? 1 : 0);
    public static implicit operator Arg(long[]? values) => values is null ? None : new(Tag.IntList, value: values);
    public static implicit operator Arg(double[]? values) => values is null ? None : new(Tag.DoubleList, value: values);
    public static implicit operator Arg(torch.ScalarType type) => new(Tag.Int, (long)type);
    public static implicit operator Arg(torch.ScalarType? type) => type is { } t ? new(Tag.Int, (long)t) : None;
    public static implicit operator Arg(Scalar? scalar) => scalar is null ? None : new(scalar.Tag, scalar.Bits);
    public static implicit operator Arg(torch.Device? device) => device is null ? None : new(Tag.Device, device.index, null, (int)device.type);
    public static implicit operator Arg(torch.Generator? generator) => generator is null ? None : new(Tag.Generator, generator.Handle, generator);
    public static implicit operator Arg(string? text) => text is null ? None : new(Tag.String, value: System.Text.Encoding.UTF8.GetBytes(text));
}

/// <summary>
/// One operator of libtorch, called through its dispatcher. Its handle is looked up at the first call and kept;
/// arguments that are left out at the end take the schema's defaults.
/// </summary>
internal sealed unsafe class Op(string name, string overload = "")
{
    private const int MaxArgs = 16, MaxResults = 4;
    private nint _handle;

    internal string Name => overload.Length == 0 ? name : $"{name}.{overload}";

    /// <summary>Finds the operator now; throws when this libtorch has none of that name.</summary>
    internal nint Resolve()
    {
        if (_handle == 0)
        {
            nint found = Native.dreamer_op($"aten::{name}", overload);
            _handle = found != 0 ? found : throw new EntryPointNotFoundException($"this libtorch has no operator aten::{Name}");
        }
        return _handle;
    }

    /// <summary>The operator's only result.</summary>
    internal torch.Tensor Call(params ReadOnlySpan<Arg> args)
    {
        NativeArg result;
        Invoke(args, &result, 1);
        return new torch.Tensor((nint)result.Bits);
    }

    /// <summary>An operator that changes its first argument, which is the answer.</summary>
    internal torch.Tensor InPlace(params ReadOnlySpan<Arg> args)
    {
        Invoke(args, null, 0);
        return (torch.Tensor)args[0].Object!;
    }

    internal (torch.Tensor, torch.Tensor) Pair(params ReadOnlySpan<Arg> args)
    {
        NativeArg* results = stackalloc NativeArg[2];
        Invoke(args, results, 2);
        return (new((nint)results[0].Bits), new((nint)results[1].Bits));
    }

    internal torch.Tensor[] List(params ReadOnlySpan<Arg> args)
    {
        NativeArg result;
        Invoke(args, &result, 1);
        var list = new torch.Tensor[result.Count];
        for (int i = 0; i < list.Length; i++)
            list[i] = new torch.Tensor(((nint*)result.Bits)[i]);
        return list;
    }

    internal NativeArg Value(params ReadOnlySpan<Arg> args)
    {
        NativeArg result;
        Invoke(args, &result, 1);
        return result;
    }

    private void Invoke(ReadOnlySpan<Arg> args, NativeArg* results, int capacity)
    {
        NativeArg* native = stackalloc NativeArg[MaxArgs];
        var lists = default(Scratch);
        for (int i = 0; i < args.Length; i++)
        {
            ref readonly Arg arg = ref args[i];
            native[i] = new NativeArg { Tag = arg.Tag, Count = arg.Count, Bits = arg.Bits };
            if (arg.Tag is Tag.IntList or Tag.DoubleList or Tag.TensorList or Tag.OptionalTensorList or Tag.String)
                lists.Copy(arg.Object!, ref native[i]);
        }
        int written = Native.dreamer_call(Resolve(), native, args.Length, results, capacity);
        lists.Free();
        // The wrappers' finalizers delete the native tensors: none may run before here.
        for (int i = 0; i < args.Length; i++)
            GC.KeepAlive(args[i].Object);
        if (written < 0)
            Native.Throw();
    }

    /// <summary>The lists of one call, in native memory.</summary>
    private ref struct Scratch
    {
        private InlineLists _lists;
        private int _count;

        internal void Copy(object list, ref NativeArg arg)
        {
            arg.Count = ((Array)list).Length;
            void* memory = NativeMemory.Alloc((nuint)Math.Max(arg.Count, 1) * sizeof(long));
            _lists[_count++] = (nint)memory;
            arg.Bits = (nint)memory;
            switch (list)
            {
                case long[] values:
                    values.CopyTo(new Span<long>(memory, arg.Count));
                    break;
                case double[] values:
                    values.CopyTo(new Span<double>(memory, arg.Count));
                    break;
                case byte[] values:
                    values.CopyTo(new Span<byte>(memory, arg.Count));
                    break;
                case torch.Tensor?[] tensors:
                    for (int i = 0; i < tensors.Length; i++)
                        ((nint*)memory)[i] = tensors[i]?.Handle ?? 0;
                    break;
            }
        }

        internal void Free()
        {
            while (_count > 0)
                NativeMemory.Free((void*)_lists[--_count]);
        }
    }

    [InlineArray(8)]
    private struct InlineLists
    {
        private nint _first;
    }
}
