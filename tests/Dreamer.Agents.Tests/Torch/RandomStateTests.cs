using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents.Tests.Torch;

/// <summary>These look at the process's one default generator, or seed it, so nothing else may draw from it meanwhile.</summary>
[CollectionDefinition("The default generator", DisableParallelization = true)]
public sealed class DefaultGeneratorCollection;

[Collection("The default generator")]
public sealed class RandomStateTests
{
    [Fact]
    public void TheGeneratorsStateCanBeSavedAndRestored()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(7);
        Tensor state = get_rng_state();
        byte[] saved = state.bytes.ToArray();
        Tensor first = rand(3), second = randn(3);
        set_rng_state(tensor(saved));
        Assert.Equal(first.data<float>().ToArray(), rand(3).data<float>().ToArray());
        Assert.Equal(second.data<float>().ToArray(), randn(3).data<float>().ToArray());
        random.manual_seed(7);
        Assert.Equal(first.data<float>().ToArray(), rand(3).data<float>().ToArray());
    }

    [Fact]
    public void AGeneratorOfItsOwnLeavesTheDefaultAlone()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        float expected = rand(1).item<float>();
        random.manual_seed(1);
        using var own = new Generator(5);
        Tensor a = rand(4, generator: own);
        Assert.Equal(expected, rand(1).item<float>());
        own.manual_seed(5);
        Assert.Equal(a.data<float>().ToArray(), rand(4, generator: own).data<float>().ToArray());
    }
}
