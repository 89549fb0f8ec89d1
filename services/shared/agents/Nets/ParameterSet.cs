using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents.Nets;

/// <summary>
/// Named parameters in the order of their declaration, all views into one flat buffer, so that an optimiser and a
/// moving average touch one tensor instead of a hundred. Declaring costs no memory: sizes can be asked for before.
/// </summary>
public sealed class ParameterSet : IDisposable
{
    private readonly List<Parameter> parameters = [];
    private readonly HashSet<string> names = [];
    private Tensor? flat;
    private Tensor? gradient;

    public IReadOnlyList<Parameter> Parameters => parameters;

    /// <summary>Elements of all parameters.</summary>
    public long Count { get; private set; }

    /// <summary>[Count] values of all parameters; writing here writes the parameters.</summary>
    public Tensor Flat => flat ?? throw new InvalidOperationException("allocate the parameter set first");

    /// <summary>[Count] gradients, accumulated by <c>backward</c>; null parts do not exist. Only for trainable sets.</summary>
    public Tensor Gradient => gradient ?? throw new InvalidOperationException("this parameter set is not trained");

    /// <summary>Adds a parameter; names are unique.</summary>
    public Parameter Declare(string name, Initializer initializer, params int[] shape)
    {
        if (flat is not null || !names.Add(name))
        {
            throw new InvalidOperationException($"parameter {name} is declared twice, or after allocation");
        }

        var parameter = new Parameter(name, [.. shape.Select(extent => (long)extent)], initializer, Count);
        parameters.Add(parameter);
        Count += parameter.Count;
        return parameter;
    }

    /// <summary>Elements per module, in order of declaration.</summary>
    public IReadOnlyDictionary<string, long> CountPerModule()
    {
        var counts = new OrderedDictionary<string, long>();
        foreach (var parameter in parameters)
        {
            counts[parameter.Module] = counts.GetValueOrDefault(parameter.Module) + parameter.Count;
        }

        return counts;
    }

    /// <summary>Makes the buffers and draws the initial values; the same seed gives the same values on every device.</summary>
    public void Allocate(Device device, ScalarType dtype, ulong seed, bool trainable)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var generator = new Generator(seed, CPU);
        var values = zeros([Count], dtype, CPU);
        foreach (var parameter in parameters)
        {
            Initialize(View(values, parameter), parameter.Initializer, generator);
        }

        flat = values.to(device).DetachFromDisposeScope();
        gradient = trainable ? zeros_like(flat).DetachFromDisposeScope() : null;
        foreach (var parameter in parameters)
        {
            parameter.Value = View(flat, parameter).detach().DetachFromDisposeScope();
            if (gradient is not null)
            {
                parameter.Value.requires_grad_(true);
                parameter.Value.grad = View(gradient, parameter).DetachFromDisposeScope();
            }
        }
    }

    /// <summary>The part of a flat tensor of this set that belongs to one module, whose parameters were declared in one go.</summary>
    public Tensor Segment(Tensor flat, string module)
    {
        var members = parameters.Where(parameter => parameter.Module == module).ToList();
        return flat.narrow(0, members[0].Offset, members.Sum(parameter => parameter.Count));
    }

    /// <summary>The part of a flat tensor of this set that belongs to one parameter, in its shape.</summary>
    public static Tensor View(Tensor flat, Parameter parameter) =>
        flat.narrow(0, parameter.Offset, parameter.Count).view(parameter.Shape);

    /// <summary>
    /// Until the result is disposed, gradients pass through what is computed with these parameters, but not into them.
    /// What was computed before keeps its gradient, if <c>backward</c> is called after.
    /// </summary>
    public IDisposable Freeze()
    {
        parameters.ForEach(parameter => parameter.Value.requires_grad_(false));
        return new Thaw(this);
    }

    public void Dispose()
    {
        if (flat is null)
        {
            return;
        }

        foreach (var parameter in parameters)
        {
            parameter.Value.Dispose();
        }

        flat.Dispose();
        gradient?.Dispose();
    }

    private static void Initialize(Tensor part, Initializer initializer, Generator generator)
    {
        if (initializer.Orthogonal)
        {
            part.copy_(Orthonormal(empty(part.shape, float64, CPU).normal_(0, 1, generator)));
            return;
        }

        if (initializer.Limit > 0)
        {
            part.copy_(empty(part.shape, float64, CPU).uniform_(-initializer.Limit, initializer.Limit, generator));
            return;
        }

        if (initializer.Std == 0)
        {
            part.fill_(initializer.Constant);
            return;
        }

        // Inverse transform: a uniform number between Phi(-2) and Phi(2) through the inverse error function.
        const double Tail = 0.9544997361036416; // erf(2 / sqrt 2)
        using var uniform = empty(part.shape, float64, CPU).uniform_(-Tail, Tail, generator);
        part.copy_(uniform.erfinv_().mul_(Math.Sqrt(2) * initializer.Std));
    }

    // Gram and Schmidt, each column twice: once is not enough in finite precision.
    private static Tensor Orthonormal(Tensor columns)
    {
        for (var i = 0L; i < columns.shape[1]; i++)
        {
            var column = columns.narrow(1, i, 1);
            var before = columns.narrow(1, 0, i);
            for (var pass = 0; pass < 2 && i > 0; pass++)
            {
                column.sub_(before.matmul(before.t().matmul(column)));
            }

            column.div_(column.norm());
        }

        return columns;
    }

    private sealed class Thaw(ParameterSet set) : IDisposable
    {
        public void Dispose() => set.parameters.ForEach(parameter => parameter.Value.requires_grad_(true));
    }
}
