using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents.Tests.Torch;

public sealed class IndexingTests
{
    [Fact]
    public void SlicesNumbersAndNewAxes()
    {
        using var scope = NewDisposeScope();
        Tensor a = arange(24).reshape(2, 3, 4);
        Assert.Equal([4L, 5, 6, 7], Values(a[0, 1]));
        Assert.Equal(23, a[1, 2, 3].item<long>());
        Assert.Equal([3L, 7, 11], Values(a[0, .., ^1]));
        Assert.Equal([13L, 17, 21], Values(a[TensorIndex.Ellipsis, 1][1]));
        Assert.Equal([2L, 1, 3, 2], a[.., TensorIndex.None, .., TensorIndex.Slice(0, 4, 2)].shape);
        Assert.Equal([8L, 9, 10, 11], Values(a[0, 1..][1]));
    }

    [Fact]
    public void TensorsAndMasks()
    {
        using var scope = NewDisposeScope();
        Tensor a = arange(6).reshape(2, 3);
        Assert.Equal([5L, 3], Values(a[1, TensorIndex.Tensor(tensor(new[] { 2L, 0 }))]));
        Assert.Equal([0L, 3, 2, 5], Values(a[.., TensorIndex.Tensor(tensor(new[] { 0L, 2 }))].t().flatten()));
        Assert.Equal([4L, 5], Values(a[TensorIndex.Tensor(a > 3)]));
        Assert.Equal([2L, 3], Values(a[tensor(new[] { 0L, 1 }), tensor(new[] { 2L, 0 })]));
    }

    [Fact]
    public void Assignment()
    {
        using var scope = NewDisposeScope();
        Tensor a = zeros(2, 3);
        a[0] = ones(3);
        a[1, 2] = tensor(5f);
        a[.., 0] = tensor(7f);
        Assert.Equal([7f, 1, 1, 7, 0, 5], a.data<float>().ToArray());
        a[TensorIndex.Tensor(a > 4)] = tensor(0f);
        Assert.Equal([0f, 1, 1, 0, 0, 0], a.data<float>().ToArray());
    }

    private static long[] Values(Tensor tensor) => tensor.data<long>().ToArray();
}
