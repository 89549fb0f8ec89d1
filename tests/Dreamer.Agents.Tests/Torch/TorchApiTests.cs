using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Dreamer.Agents.Tests.Torch;

[Collection("The default generator")]
public sealed class TorchApiTests
{
    [Fact]
    public void NumbersMakeTheTypesThatTorchSharpMakes()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(ScalarType.Float32, full(2, 1.5).dtype);
        Assert.Equal(ScalarType.Int64, full(2, 1).dtype);
        Assert.Equal(ScalarType.Int64, arange(3).dtype);
        Assert.Equal(ScalarType.Float32, arange(0, 1, 0.5).dtype);
        Assert.Equal(ScalarType.Float64, tensor(1.0).dtype);
        Assert.Equal(ScalarType.Float32, (ones(2) * 2.0).dtype);
        Assert.Equal(ScalarType.Float32, (1.0 - ones(2)).dtype);
        Assert.Equal(ScalarType.Byte, tensor(new byte[] { 1 }).dtype);
        Assert.Throws<ArgumentException>(() => tensor(1.0).item<float>());
    }

    [Fact]
    public void ABufferIsSharedAndATensorIsACopy()
    {
        using var scope = NewDisposeScope();
        float[] values = [1, 2, 3, 4];
        Tensor shared = frombuffer(values, ScalarType.Float32, 2, 1), copied = tensor(values);
        values[1] = 9;
        Assert.Equal([9f, 3], shared.data<float>().ToArray());
        Assert.Equal([1f, 2, 3, 4], copied.data<float>().ToArray());
        Assert.Equal([2L, 2], tensor(new[,] { { 1, 2 }, { 3, 4 } }).shape);
    }

    [Fact]
    public void BytesAndStrides()
    {
        using var scope = NewDisposeScope();
        Tensor a = arange(6, ScalarType.Float32).reshape(2, 3);
        Assert.Equal([0f, 3, 1, 4, 2, 5], a.t().data<float>().ToArray());
        Assert.Equal(4, a.t().data<float>()[1, 1]);
        Assert.Throws<InvalidOperationException>(() => a.t().bytes.Length);
        Tensor b = zeros(2, 3);
        b.bytes = a.bytes;
        Assert.True(a.allclose(b));
    }

    [Fact]
    public void BFloat16RoundsToTheNearestEven()
    {
        using var scope = NewDisposeScope();
        float[] values = [1f, 1.00390625f, 1.01171875f, -3.1415927f, 1e38f];
        Tensor native = tensor(values).to(ScalarType.BFloat16);
        Assert.Equal(native.data<BFloat16>().ToArray().Select(b => (float)b), values.Select(v => new BFloat16(v).ToSingle()));
    }

    [Fact]
    public void Functions()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(2);
        Tensor x = randn(2, 3, 8, 8), w = randn(4, 3, 4, 4);
        Assert.Equal([2L, 4, 4, 4], functional.conv2d(x, w, null, [2, 2], [1, 1]).shape);
        Assert.Equal([2L, 3, 8, 8], functional.conv_transpose2d(functional.conv2d(x, w, null, [2, 2], [1, 1]), w, null, [2, 2], [1, 1]).shape);
        Assert.Equal([2L, 3, 16, 16], functional.interpolate(x, scale_factor: [2, 2]).shape);
        Assert.Equal([2L, 3, 10, 12], functional.pad(x, [2, 2, 1, 1]).shape);
        Assert.Equal([2L, 3, 4, 4], functional.max_pool2d(x, 2).shape);
        Tensor logits = randn(5, 6), target = tensor(new[] { 0L, 5, 2, 3, 1 });
        Tensor expected = -(logits.log_softmax(-1) * functional.one_hot(target, 6)).sum(-1).mean();
        Assert.True(expected.allclose(functional.cross_entropy(logits, target)));
        Assert.True(logits.logsumexp(-1, true).allclose(logits.exp().sum(-1, true).log()));
        Assert.True(einsum("bi,ij->bj", logits, logits.t()).allclose(logits.mm(logits.t()), 1e-4, 1e-5));
        Assert.Equal([0f, 0.5f, 1f], tensor(new[] { -1f, 0.5f, 2f }).clamp(0, 1).data<float>().ToArray());
        Assert.Equal(2.5f, quantile(arange(6, ScalarType.Float32), tensor(0.5f)).item<float>());
    }
}
