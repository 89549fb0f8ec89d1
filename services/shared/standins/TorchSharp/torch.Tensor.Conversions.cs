namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) => to_type(type, copy, disposeAfter, non_blocking);
        public Tensor to_type(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) => Then(disposeAfter, Ops.to_dtype.Call(this, type, non_blocking, copy));
        public Tensor to(ScalarType type, Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) => Then(disposeAfter, Ops.to_device.Call(this, InitializeDevice(device), type, non_blocking, copy));
        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) => Then(disposeAfter, Ops.to_device.Call(this, InitializeDevice(device), dtype, non_blocking, copy));
        public Tensor to(string device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) => to(new Device(device), copy, disposeAfter, non_blocking);
        public Tensor to(DeviceType deviceType, int deviceIndex = -1, bool copy = false, bool disposeAfter = false, bool non_blocking = false) => to(new Device(deviceType, deviceIndex), copy, disposeAfter, non_blocking);
        public Tensor cpu() => to(CPU);
        public Tensor cuda(Device? device = null, bool non_blocking = false) => to(device ?? CUDA, non_blocking: non_blocking);
        public Tensor pin_memory() => Ops.pin_memory.Call(this);
        public Tensor @float() => to_type(ScalarType.Float32);
        public Tensor @double() => to_type(ScalarType.Float64);
        public Tensor @long() => to_type(ScalarType.Int64);
        public Tensor @int() => to_type(ScalarType.Int32);
        public Tensor @bool() => to_type(ScalarType.Bool);
        public Tensor @byte() => to_type(ScalarType.Byte);
        public Tensor @half() => to_type(ScalarType.Float16);
        public Tensor bfloat16() => to_type(ScalarType.BFloat16);
    }
}
