using static TorchSharp.torch;

namespace Dreamer.Agents;

/// <summary>Collects the scaled losses of one update and, when asked, numbers to report; they are read from the device in one go.</summary>
public sealed class LossBook(bool metrics)
{
    private readonly List<Tensor> terms = [];
    private readonly List<string> names = [];
    private readonly List<Tensor> values = [];

    /// <summary>Adds scale * mean(loss) to the total and reports the unscaled mean as <c>loss/NAME</c>.</summary>
    public void Add(string name, double scale, Tensor loss)
    {
        var mean = loss.mean();
        terms.Add(mean * scale);
        Record($"loss/{name}", mean);
    }

    /// <summary>Reports a scalar tensor.</summary>
    public void Record(string name, Tensor value) => Record(name, () => value);

    /// <summary>Reports a scalar tensor that is only computed when metrics are on.</summary>
    public void Record(string name, Func<Tensor> value)
    {
        if (metrics)
        {
            using var noGrad = no_grad();
            names.Add(name);
            values.Add(value().detach());
        }
    }

    /// <summary>The sum of all losses.</summary>
    public Tensor Total() => stack(terms).sum();

    /// <summary>All reports, or null when metrics are off.</summary>
    public IReadOnlyDictionary<string, double>? Read()
    {
        if (!metrics)
        {
            return null;
        }

        var numbers = stack(values).to(float64).cpu().data<double>().ToArray();
        return names.Zip(numbers).ToDictionary(pair => $"train/{pair.First}", pair => pair.Second);
    }
}
