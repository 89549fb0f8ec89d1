namespace Dreamer.Policies;

/// <summary>Builds the tensor list of a blob, one after the other without gaps.</summary>
internal sealed class TensorList
{
    private const int Most = 10_000;

    private readonly List<PolicyTensor> _tensors = [];
    private long _offset;

    public IReadOnlyList<PolicyTensor> Tensors => _tensors;

    public void Add(string name, params int[] shape)
    {
        if (_tensors.Count == Most || Array.Exists(shape, extent => extent <= 0))
        {
            throw new PolicyFormatException($"the policy's sizes ask for a tensor '{name}' of [{string.Join(", ", shape)}], or for more than {Most} tensors.");
        }

        var tensor = new PolicyTensor(name, shape, _offset);
        _tensors.Add(tensor);
        _offset = checked(_offset + tensor.Elements);
    }

    /// <summary>Weight [out, in...] and bias [out].</summary>
    public void Linear(string name, int outputs, params int[] inputs)
    {
        Add($"{name}/weight", [outputs, .. inputs]);
        Add($"{name}/bias", outputs);
    }
}
