using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dreamer.Policies.Numerics;

/// <summary>The element-by-element parts of the generations before V3, at the widest register that the machine has.</summary>
internal static unsafe class Gates
{
    /// <summary>max(x, 0) in place for each row of <paramref name="length"/> values.</summary>
    public static void Relu(float* x, nint stride, int rows, int length)
    {
        for (var row = 0; row < rows; row++)
        {
            if (Vector512.IsHardwareAccelerated)
            {
                Gates<Lanes512>.Relu(x + row * stride, length);
            }
            else
            {
                Gates<Lanes256>.Relu(x + row * stride, length);
            }
        }
    }

    /// <summary>x, or exp(x) - 1 below zero, in place for each row.</summary>
    public static void Elu(float* x, nint stride, int rows, int length)
    {
        for (var row = 0; row < rows; row++)
        {
            if (Vector512.IsHardwareAccelerated)
            {
                Gates<Lanes512>.Elu(x + row * stride, length);
            }
            else
            {
                Gates<Lanes256>.Elu(x + row * stride, length);
            }
        }
    }

    /// <summary>Keras' GRU of one row: thirds z, r, c; next = z previous + (1 - z) tanh(input_c + r state_c).</summary>
    public static void Gru(float* input, float* state, float* previous, float* next, int length)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Gates<Lanes512>.Gru(input, state, previous, next, length);
        }
        else
        {
            Gates<Lanes256>.Gru(input, state, previous, next, length);
        }
    }

    /// <summary>into = sigmoid(gate) * previous, one row.</summary>
    public static void Reset(float* gate, float* previous, float* into, int length)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Gates<Lanes512>.Reset(gate, previous, into, length);
        }
        else
        {
            Gates<Lanes256>.Reset(gate, previous, into, length);
        }
    }

    /// <summary>next = u previous + (1 - u) tanh(candidate) with u = sigmoid(gate), one row.</summary>
    public static void Update(float* gate, float* candidate, float* previous, float* next, int length)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Gates<Lanes512>.Update(gate, candidate, previous, next, length);
        }
        else
        {
            Gates<Lanes256>.Update(gate, candidate, previous, next, length);
        }
    }

    /// <summary>into = mean + (softplus(raw) + lowest) * noise, one row.</summary>
    public static void Sample(float* mean, float* raw, float* noise, float lowest, float* into, int length)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Gates<Lanes512>.Sample(mean, raw, noise, lowest, into, length);
        }
        else
        {
            Gates<Lanes256>.Sample(mean, raw, noise, lowest, into, length);
        }
    }

    /// <summary>x = (x - mean) / sqrt(variance + epsilon) * scale + offset, one row.</summary>
    public static void LayerNorm(float* x, int length, float* scale, float* offset, float epsilon)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Gates<Lanes512>.LayerNorm(x, length, scale, offset, epsilon);
        }
        else
        {
            Gates<Lanes256>.LayerNorm(x, length, scale, offset, epsilon);
        }
    }

    /// <summary>ln(1 + exp(x)).</summary>
    public static float Softplus(float x) => MathF.Max(x, 0) + MathF.Log(1 + MathF.Exp(-MathF.Abs(x)));
}

/// <summary>Kernels of <see cref="Gates"/> at one register width; what is left over is done one by one.</summary>
internal static unsafe class Gates<TLanes> where TLanes : struct, ILanes<TLanes>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Relu(float* x, int length)
    {
        var i = 0;
        for (; i + TLanes.Count <= length; i += TLanes.Count)
        {
            TLanes.Max(TLanes.Load(x + i), default).Store(x + i);
        }

        for (; i < length; i++)
        {
            x[i] = MathF.Max(x[i], 0);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Elu(float* x, int length)
    {
        var one = TLanes.Broadcast(1);
        var i = 0;
        for (; i + TLanes.Count <= length; i += TLanes.Count)
        {
            var value = TLanes.Load(x + i);
            (TLanes.Max(value, default) + (Elementwise<TLanes>.Exp(TLanes.Min(value, default)) - one)).Store(x + i);
        }

        for (; i < length; i++)
        {
            x[i] = x[i] > 0 ? x[i] : MathF.Exp(x[i]) - 1;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Gru(float* input, float* state, float* previous, float* next, int length)
    {
        var i = 0;
        for (; i + TLanes.Count <= length; i += TLanes.Count)
        {
            var update = Elementwise<TLanes>.Sigmoid(TLanes.Load(input + i) + TLanes.Load(state + i));
            var reset = Elementwise<TLanes>.Sigmoid(TLanes.Load(input + length + i) + TLanes.Load(state + length + i));
            var candidate = Tanh(TLanes.MultiplyAdd(reset, TLanes.Load(state + 2 * length + i), TLanes.Load(input + 2 * length + i)));
            TLanes.MultiplyAdd(update, TLanes.Load(previous + i) - candidate, candidate).Store(next + i);
        }

        for (; i < length; i++)
        {
            var update = Elementwise.Sigmoid(input[i] + state[i]);
            var reset = Elementwise.Sigmoid(input[length + i] + state[length + i]);
            var candidate = MathF.Tanh(input[2 * length + i] + reset * state[2 * length + i]);
            next[i] = candidate + update * (previous[i] - candidate);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Reset(float* gate, float* previous, float* into, int length)
    {
        var i = 0;
        for (; i + TLanes.Count <= length; i += TLanes.Count)
        {
            (Elementwise<TLanes>.Sigmoid(TLanes.Load(gate + i)) * TLanes.Load(previous + i)).Store(into + i);
        }

        for (; i < length; i++)
        {
            into[i] = Elementwise.Sigmoid(gate[i]) * previous[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Update(float* gate, float* candidate, float* previous, float* next, int length)
    {
        var i = 0;
        for (; i + TLanes.Count <= length; i += TLanes.Count)
        {
            var update = Elementwise<TLanes>.Sigmoid(TLanes.Load(gate + i));
            var proposal = Tanh(TLanes.Load(candidate + i));
            TLanes.MultiplyAdd(update, TLanes.Load(previous + i) - proposal, proposal).Store(next + i);
        }

        for (; i < length; i++)
        {
            var proposal = MathF.Tanh(candidate[i]);
            next[i] = proposal + Elementwise.Sigmoid(gate[i]) * (previous[i] - proposal);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Sample(float* mean, float* raw, float* noise, float lowest, float* into, int length)
    {
        var floor = TLanes.Broadcast(lowest);
        var i = 0;
        for (; i + TLanes.Count <= length; i += TLanes.Count)
        {
            TLanes.MultiplyAdd(Softplus(TLanes.Load(raw + i)) + floor, TLanes.Load(noise + i), TLanes.Load(mean + i)).Store(into + i);
        }

        for (; i < length; i++)
        {
            into[i] = mean[i] + (Gates.Softplus(raw[i]) + lowest) * noise[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void LayerNorm(float* x, int length, float* scale, float* offset, float epsilon)
    {
        TLanes sums = default, squares = default;
        var i = 0;
        for (; i + TLanes.Count <= length; i += TLanes.Count)
        {
            sums += TLanes.Load(x + i);
        }

        var sum = TLanes.Sum(sums);
        for (; i < length; i++)
        {
            sum += x[i];
        }

        // The variance from differences: the mean may be far from 0.
        var mean = sum / length;
        var centre = TLanes.Broadcast(mean);
        for (i = 0; i + TLanes.Count <= length; i += TLanes.Count)
        {
            var difference = TLanes.Load(x + i) - centre;
            squares = TLanes.MultiplyAdd(difference, difference, squares);
        }

        var square = TLanes.Sum(squares);
        for (; i < length; i++)
        {
            square += (x[i] - mean) * (x[i] - mean);
        }

        var inverse = 1 / MathF.Sqrt(square / length + epsilon);
        var factor = TLanes.Broadcast(inverse);
        for (i = 0; i + TLanes.Count <= length; i += TLanes.Count)
        {
            TLanes.MultiplyAdd((TLanes.Load(x + i) - centre) * factor, TLanes.Load(scale + i), TLanes.Load(offset + i)).Store(x + i);
        }

        for (; i < length; i++)
        {
            x[i] = (x[i] - mean) * inverse * scale[i] + offset[i];
        }
    }

    // tanh(x) = 2 sigmoid(2x) - 1
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Tanh(TLanes value)
    {
        var two = TLanes.Broadcast(2);
        return two * Elementwise<TLanes>.Sigmoid(two * value) - TLanes.Broadcast(1);
    }

    // max(x, 0) + ln(1 + y) with y = exp(-|x|), by ln(1 + y) = 2 artanh(s), s = y / (2 + y) <= 1/3: the series is exact to about 1e-7.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Softplus(TLanes value)
    {
        var y = Elementwise<TLanes>.Exp(TLanes.Min(value, default(TLanes) - value));
        var s = y / (TLanes.Broadcast(2) + y);
        var square = s * s;
        var p = TLanes.Broadcast(2f / 13);
        p = TLanes.MultiplyAdd(p, square, TLanes.Broadcast(2f / 11));
        p = TLanes.MultiplyAdd(p, square, TLanes.Broadcast(2f / 9));
        p = TLanes.MultiplyAdd(p, square, TLanes.Broadcast(2f / 7));
        p = TLanes.MultiplyAdd(p, square, TLanes.Broadcast(2f / 5));
        p = TLanes.MultiplyAdd(p, square, TLanes.Broadcast(2f / 3));
        p = TLanes.MultiplyAdd(p, square, TLanes.Broadcast(2));
        return TLanes.MultiplyAdd(p, s, TLanes.Max(value, default));
    }
}
