namespace Dreamer.Experience;

/// <summary>
/// Draws windows by the priorities of their steps. A window weighs a share of its largest step and a share of the mean over its steps;
/// windows with a step that has no priority yet come before all others. What a window was drawn for is spent: its steps
/// weigh nothing until the learner says anew what they are worth. A cache: after a restart no step has a priority. Not thread safe.
/// </summary>
internal sealed class WindowPriorities(PriorityOptions options)
{
    private const float Unknown = float.PositiveInfinity;

    private readonly Dictionary<long, Entry> _entries = [];
    private readonly List<Entry?> _slots = [];
    private readonly Stack<int> _free = [];
    private readonly WeightTree _known = new();
    private readonly WeightTree _unknown = new();
    private float[] _steps = [];
    private int[] _largest = [];

    /// <summary>Weighs the chunk's windows anew: it came in, or more or fewer of its steps start one.</summary>
    /// <param name="length">Steps per window.</param>
    public void Weigh(IndexedChunk chunk, int length)
    {
        if (!_entries.TryGetValue(chunk.Record.Id, out var entry))
        {
            if (!_free.TryPop(out var slot))
            {
                slot = _slots.Count;
                _slots.Add(null);
            }

            _slots[slot] = entry = new Entry(chunk, slot, new float[chunk.Record.Steps], new double[chunk.Record.Steps]);
            Array.Fill(entry.Steps, Unknown);
            _entries.Add(chunk.Record.Id, entry);
        }

        var count = Gather(chunk, length);
        Weigh(entry, length, count);
        var weights = entry.Weights.AsSpan(0, chunk.ValidStarts);
        var (known, unknown) = (0.0, 0);
        foreach (var weight in weights)
        {
            (known, unknown) = double.IsFinite(weight) ? (known + weight, unknown) : (known, unknown + 1);
        }

        _known.Set(entry.Slot, known);
        _unknown.Set(entry.Slot, unknown);
    }

    /// <summary>Forgets a chunk that leaves the index.</summary>
    public void Remove(IndexedChunk chunk)
    {
        if (_entries.Remove(chunk.Record.Id, out var entry))
        {
            _known.Set(entry.Slot, 0);
            _unknown.Set(entry.Slot, 0);
            _slots[entry.Slot] = null;
            _free.Push(entry.Slot);
        }
    }

    /// <summary>Takes priorities; those of chunks that are gone are ignored.</summary>
    /// <param name="length">Steps per window.</param>
    public void Set(StepPriorities update, int length)
    {
        if (!_entries.TryGetValue(update.Chunk, out var entry) || update.Offset < 0 || update.Offset > entry.Steps.Length - update.Values.Length)
        {
            return;
        }

        for (var step = 0; step < update.Values.Length; step++)
        {
            if (float.IsFinite(update.Values[step]) && update.Values[step] >= 0)
            {
                entry.Steps[update.Offset + step] = (float)Math.Pow(update.Values[step], options.Exponent);
            }
        }

        Refresh(entry.Chunk, length - 1, length);
    }

    /// <summary>A window, spent with that; null when none weighs anything.</summary>
    public (IndexedChunk Chunk, int Offset)? Draw(SampleRandom random, int length)
    {
        var (tree, news) = _unknown.Total > 0 ? (_unknown, true) : (_known, false);
        if (tree.Total <= 0)
        {
            return null;
        }

        var (slot, rest) = tree.Find(WindowSampler.Fraction(random) * tree.Total);
        var entry = _slots[slot]!;
        var weights = entry.Weights.AsSpan(0, entry.Chunk.ValidStarts);
        var offset = -1;
        for (var start = 0; start < weights.Length; start++)
        {
            var weight = double.IsFinite(weights[start]) == news ? 0 : news ? 1 : weights[start];
            offset = weight > 0 ? start : offset;
            if (weight > rest)
            {
                break;
            }

            rest -= weight;
        }

        Spend(entry.Chunk, offset, length);
        return (entry.Chunk, offset);
    }

    private void Spend(IndexedChunk first, int offset, int length)
    {
        var last = first;
        for (var (chunk, left) = (first, length); left > 0; chunk = chunk.Next!)
        {
            var from = chunk == first ? offset : 0;
            var steps = Math.Min(left, chunk.Record.Steps - from);
            _entries[chunk.Record.Id].Steps.AsSpan(from, steps).Clear();
            (last, left) = (chunk, left - steps);
        }

        Refresh(last, length - 1 + (int)(last.FirstStep - first.FirstStep), length);
    }

    /// <summary>Weighs a chunk and those before it whose windows may reach as far back as <paramref name="behind"/> steps before its first.</summary>
    private void Refresh(IndexedChunk last, int behind, int length)
    {
        for (var chunk = last; chunk is not null && last.FirstStep - chunk.FirstStep - chunk.Record.Steps < behind; chunk = chunk.Previous)
        {
            Weigh(chunk, length);
        }
    }

    /// <summary>Lines up the steps of all windows that start in the chunk; returns how many.</summary>
    private int Gather(IndexedChunk first, int length)
    {
        var count = first.ValidStarts == 0 ? 0 : first.ValidStarts + length - 1;
        if (_steps.Length < count)
        {
            (_steps, _largest) = (new float[count], new int[count]);
        }

        for (var (chunk, done) = (first, 0); done < count; chunk = chunk.Next!)
        {
            var steps = Math.Min(count - done, chunk.Record.Steps);
            Array.Copy(_entries[chunk.Record.Id].Steps, 0, _steps, done, steps);
            done += steps;
        }

        return count;
    }

    /// <summary>Slides a window over the gathered steps: sum and largest, the latter from a queue of falling values.</summary>
    private void Weigh(Entry entry, int length, int count)
    {
        var (sum, unknown, head, tail) = (0.0, 0, 0, 0);
        void Count(float value, int sign) => (sum, unknown) = value == Unknown ? (sum, unknown + sign) : (sum + (sign * value), unknown);
        for (var step = 0; step < count; step++)
        {
            Count(_steps[step], 1);
            while (tail > head && _steps[_largest[tail - 1]] <= _steps[step])
            {
                tail--;
            }

            _largest[tail++] = step;
            var start = step - length + 1;
            if (start < 0)
            {
                continue;
            }

            head += _largest[head] < start ? 1 : 0;
            entry.Weights[start] = unknown > 0
                ? double.PositiveInfinity
                : (options.PeakShare * _steps[_largest[head]]) + ((1 - options.PeakShare) * Math.Max(0, sum) / length);
            Count(_steps[start], -1);
        }
    }

    /// <param name="Steps">Priority per step, the exponent applied.</param>
    /// <param name="Weights">Weight of the window that starts at each step, where one does.</param>
    private sealed record Entry(IndexedChunk Chunk, int Slot, float[] Steps, double[] Weights);
}
