namespace TorchSharp;

/// <summary>
/// The part of TorchSharp that this repository uses, over the system's libtorch: the same names, signatures and behaviour,
/// for machines whose package feed has no TorchSharp. Its own documentation holds; what is not here is not needed yet.
/// </summary>
public static partial class torch
{
    private static ScalarType s_defaultType = ScalarType.Float32;
    private static Device s_defaultDevice = new(DeviceType.CPU);

    public static DisposeScope NewDisposeScope() => DisposeScopeManager.Thread.Open();

    public static DisposeScope? CurrentDisposeScope => DisposeScopeManager.Thread.Current;

    public static ScalarType get_default_dtype() => s_defaultType;

    public static void set_default_dtype(ScalarType dtype) => s_defaultType = dtype;

    public static Device get_default_device() => s_defaultDevice;

    public static void set_default_device(Device device) => s_defaultDevice = InitializeDevice(device);

    public static Device device(string description) => new(description);

    public static Device device(DeviceType deviceType, int index = -1) => new(deviceType, index);

    /// <summary>Loads what the device needs, and throws when there is none.</summary>
    public static void InitializeDeviceType(DeviceType deviceType)
    {
        if (!TryInitializeDeviceType(deviceType))
            throw new InvalidOperationException($"Torch device type {deviceType} did not initialise on the current machine.");
    }

    public static bool TryInitializeDeviceType(DeviceType deviceType) => deviceType != DeviceType.CUDA || cuda.is_available();

    public static Device InitializeDevice(Device? device)
    {
        device ??= get_default_device();
        InitializeDeviceType(device.type);
        return device;
    }

    public static int get_num_threads() => Native.dreamer_num_threads();

    public static void set_num_threads(int num) => Native.Check(Native.dreamer_set_num_threads(num));

    public static class cuda
    {
        public static bool is_available() => device_count() > 0;

        public static int device_count() => Native.dreamer_cuda_count();

        public static void synchronize(Device? device = null) => Native.Check(Native.dreamer_cuda_synchronize(device?.index ?? -1));
    }
}
