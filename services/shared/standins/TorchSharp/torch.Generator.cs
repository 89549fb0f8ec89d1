namespace TorchSharp;

public static partial class torch
{
    /// <summary>A source of random numbers.</summary>
    public class Generator : IDisposable
    {
        private nint _handle;

        public Generator(ulong seed = 0, Device? device = null)
        {
            using var template = new Generator(Native.Check(Native.dreamer_generator_default((int)(device ?? CPU).type, device?.index ?? -1)), device ?? CPU);
            _handle = Native.Check(Native.dreamer_generator_clone(template.Handle));
            this.device = device ?? CPU;
            manual_seed((long)seed);
        }

        private Generator(nint handle, Device device)
        {
            _handle = handle;
            this.device = device;
        }

        ~Generator() => Dispose(false);

        public static Generator Default => new(Native.Check(Native.dreamer_generator_default((int)DeviceType.CPU, -1)), CPU);

        public nint Handle => _handle != 0 ? _handle : throw new ObjectDisposedException(nameof(Generator));

        public Device device { get; }

        public Generator manual_seed(long seed)
        {
            Native.Check(Native.dreamer_generator_set_seed(Handle, seed));
            return this;
        }

        public long initial_seed() => Native.dreamer_generator_seed(Handle);

        /// <summary>The whole state, uint8 [N].</summary>
        public Tensor get_state() => new(Native.Check(Native.dreamer_generator_state(Handle)));

        public void set_state(Tensor value) => Native.Check(Native.dreamer_generator_set_state(Handle, value.Handle));

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            if (_handle != 0)
                Native.dreamer_generator_delete(_handle);
            _handle = 0;
        }
    }

    public static class random
    {
        /// <summary>Seeds the CPU's generator and every GPU's.</summary>
        public static Generator manual_seed(long seed)
        {
            Native.Check(Native.dreamer_manual_seed(seed));
            return Generator.Default;
        }

        public static long initial_seed()
        {
            using Generator generator = Generator.Default;
            return generator.initial_seed();
        }

        public static Tensor get_rng_state()
        {
            using Generator generator = Generator.Default;
            return generator.get_state();
        }

        public static void set_rng_state(Tensor new_state)
        {
            using Generator generator = Generator.Default;
            generator.set_state(new_state);
        }
    }

    public static Generator manual_seed(long seed) => random.manual_seed(seed);

    public static Tensor get_rng_state() => random.get_rng_state();

    public static void set_rng_state(Tensor new_state) => random.set_rng_state(new_state);
}
