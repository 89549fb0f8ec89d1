using Dreamer.Policies.Numerics;
using Dreamer.Spaces;

namespace Dreamer.Policies.Gaussian;

/// <summary>The recurrent state of each environment that a policy serves, and the rows of a batch taken from it.</summary>
internal sealed class SlotStates
{
    private readonly EnvironmentSpec _environment;
    private readonly int _stoch;

    // One row per slot: [stoch, action] and deter.
    private readonly RowBuffer _slotInput;
    private readonly RowBuffer _slotDeter;
    private readonly bool[] _started;
    private readonly ulong[] _draws;

    /// <param name="stoch">Width of a stochastic state.</param>
    public SlotStates(EnvironmentSpec environment, int stoch, int deter, int slots)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(slots);
        (_environment, _stoch, Slots) = (environment, stoch, slots);
        _slotInput = new(slots, stoch + environment.Action.Size);
        _slotDeter = new(slots, deter);
        _started = new bool[slots];
        _draws = new ulong[slots];
        Input = new(slots, _slotInput.Width);
        Deter = new(slots, deter);
        Features = new(slots, stoch + deter);
    }

    public int Slots { get; }

    /// <summary>[rows, S + A] previous stochastic state and action, after <see cref="Gather"/>.</summary>
    public RowBuffer Input { get; }

    /// <summary>[rows, D] previous recurrent state, after <see cref="Gather"/>.</summary>
    public RowBuffer Deter { get; }

    /// <summary>[rows, S + D] the newest state, to be written before <see cref="Remember"/>: stoch, then deter.</summary>
    public RowBuffer Features { get; }

    /// <summary>A number of the slot's own sequence of draws; the caller may draw from it in streams above the slots'.</summary>
    public ulong NextDraw(int slot) => _draws[slot]++;

    /// <summary>State of the slots -> rows of the batch; zero at the start of an episode.</summary>
    public void Gather(ReadOnlySpan<int> slots, ReadOnlySpan<TimeStep> steps)
    {
        for (var row = 0; row < slots.Length; row++)
        {
            var slot = slots[row];
            if (steps[row].IsFirst || !_started[slot])
            {
                Input.Row(row).Clear();
                Deter.Row(row).Clear();
            }
            else
            {
                _slotInput.Row(slot).CopyTo(Input.Row(row));
                _slotDeter.Row(slot).CopyTo(Deter.Row(row));
            }
        }
    }

    /// <summary>Keeps the features and the chosen actions for the next step.</summary>
    public void Remember(ReadOnlySpan<int> slots, ReadOnlySpan<float> actions)
    {
        var size = _environment.Action.Size;
        for (var row = 0; row < slots.Length; row++)
        {
            var slot = slots[row];
            Features.Row(row)[.._stoch].CopyTo(_slotInput.Row(slot));
            actions.Slice(row * size, size).CopyTo(_slotInput.Row(slot)[_stoch..]);
            Features.Row(row)[_stoch..].CopyTo(_slotDeter.Row(slot));
            _started[slot] = true;
        }
    }

    /// <exception cref="ArgumentException">Lengths, slots or environments do not fit.</exception>
    public void Check(ReadOnlySpan<int> slots, ReadOnlySpan<TimeStep> steps, ReadOnlySpan<float> actions) =>
        PolicyArguments.Check(_environment, Slots, slots, steps, actions);
}
