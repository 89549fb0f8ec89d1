namespace Dreamer.Policies;

/// <summary>Builds the tensor list of a blob, one after the other without gaps.</summary>
internal sealed class TensorList
{
    private readonly List<PolicyTensor> _tensors = [];
    private long _offset;

    public IReadOnlyList<PolicyTensor> Tensors => _tensors;

    public void Add(string name, params int[] shape)
    {
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
