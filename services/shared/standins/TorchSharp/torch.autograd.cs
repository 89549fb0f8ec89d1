namespace TorchSharp;

public static partial class torch
{
    /// <summary>Gradients of whole graphs.</summary>
    public static unsafe class autograd
    {
        /// <summary>The gradients of <paramref name="outputs"/> by each of <paramref name="inputs"/>; null where an input is unused and that is allowed.</summary>
        public static IList<Tensor> grad(IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor>? grad_outputs = null, bool retain_graph = false, bool create_graph = false, bool allow_unused = false)
        {
            var results = new nint[inputs.Count];
            fixed (nint* o = Handles(outputs), i = Handles(inputs), g = Handles(grad_outputs), r = results)
                Native.Check(Native.dreamer_grad(o, outputs.Count, i, inputs.Count, g, retain_graph ? 1 : 0, create_graph ? 1 : 0, allow_unused ? 1 : 0, r));
            GC.KeepAlive((outputs, inputs, grad_outputs));
            return results.Select(handle => handle == 0 ? null! : new Tensor(handle)).ToList();
        }

        /// <summary>Adds the gradients of <paramref name="tensors"/> to the leaves, or only to <paramref name="inputs"/>.</summary>
        public static void backward(IList<Tensor> tensors, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null)
        {
            fixed (nint* t = Handles(tensors), g = Handles(grad_tensors), i = Handles(inputs))
                Native.Check(Native.dreamer_backward(t, g, tensors.Count, retain_graph ?? create_graph ? 1 : 0, create_graph ? 1 : 0, i, inputs?.Count ?? 0));
            GC.KeepAlive((tensors, grad_tensors, inputs));
        }

        private static nint[]? Handles(IList<Tensor>? tensors) => tensors?.Select(tensor => tensor?.Handle ?? 0).ToArray();
    }

    public static IDisposable no_grad() => new GradMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);

    public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);

    public static bool is_grad_enabled() => Native.dreamer_grad_enabled() != 0;

    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);

    public static bool is_inference_mode_enabled() => Native.dreamer_inference_enabled() != 0;

    /// <summary>Whether this thread records gradients, until disposed.</summary>
    private sealed class GradMode : IDisposable
    {
        private readonly int _before = Native.dreamer_grad_enabled();

        internal GradMode(bool enabled) => Native.dreamer_set_grad_enabled(enabled ? 1 : 0);

        public void Dispose() => Native.dreamer_set_grad_enabled(_before);
    }

    private sealed class InferenceMode(bool enabled) : IDisposable
    {
        private nint _mode = Native.dreamer_inference_enter(enabled ? 1 : 0);

        public void Dispose()
        {
            if (_mode != 0)
                Native.dreamer_inference_leave(_mode);
            _mode = 0;
        }
    }
}
