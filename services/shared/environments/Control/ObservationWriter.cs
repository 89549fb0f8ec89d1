namespace Dreamer.Environments.Control;

/// <summary>Writes an observation's numbers one after another.</summary>
public ref struct ObservationWriter(Span<double> values)
{
    private readonly Span<double> values = values;
    private int written;

    public void Add(double value) => values[written++] = value;

    public void Add(ReadOnlySpan<double> several)
    {
        several.CopyTo(values[written..]);
        written += several.Length;
    }
}
