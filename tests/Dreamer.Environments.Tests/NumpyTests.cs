using Dreamer.Environments.Numpy;

namespace Dreamer.Environments.Tests;

/// <summary>Digits printed by NumPy 1.24 for the same seeds and calls, compared exactly.</summary>
public sealed class NumpyTests
{
    [Fact]
    public void RandomState_draws_the_digits_of_numpy()
    {
        var random = new RandomState(0);
        Assert.Equal([0.5488135039273248, 0.7151893663724195, 0.6027633760716439, 0.5448831829968969], Draw(4, random.Rand));
        Assert.Equal([0.11827399669452365, 1.2294705653332807, 0.18793605631346244], Draw(3, () => random.Uniform(-2, 3)));
        Assert.Equal(
            [1.2661185298577784, -0.5058765397605117, 2.5452007784710537, 1.0808119130554454, 0.48431215412066475], Draw(5, random.RandN));
        Assert.Equal([0, 2, 3, 8, 1, 3, 3, 3], Draw(8, () => random.RandInt(0, 10)));
        Assert.Equal([80777, 90530, 81852, 52484, 84660], Draw(5, () => random.RandInt(-5, 100000)));
        Assert.Equal(0.9446689170495839, random.Rand());
    }

    [Fact]
    public void RandomState_covers_large_seeds_and_ranges()
    {
        var random = new RandomState(3755744309);
        Assert.Equal([1931256218, 1114933631, 1463143051], Draw(3, () => random.RandInt(0, int.MaxValue)));
        Assert.Equal(809677875471, random.RandInt(0, 1L << 40));
        Assert.Equal(0.8448455395755362, random.Rand());
        Assert.Equal(-8719747425999484963, random.RandInt(long.MinValue, long.MaxValue));
    }

    [Fact]
    public void RandomState_tosses_the_coins_of_numpy()
    {
        var random = new RandomState(0);
        bool[] expected = [true, true, true, true, false, true, false, true, true, false, true, true, true, true, false, false, false, true];
        Assert.Equal(expected, Draw(18, random.Coin));
        Assert.Equal(0.7781567509498505, random.Rand());
    }

    [Fact]
    public void RandomState_folds_the_seeds_that_numpy_refuses()
    {
        Assert.Equal(new RandomState(77).Rand(), RandomState.FromSeed(77).Rand());
        Assert.Equal(new RandomState(76).Rand(), RandomState.FromSeed((1UL << 32) + 77).Rand());
    }

    [Fact]
    public void RandomState_refills_its_block()
    {
        var random = new RandomState(5);
        Draw(700, random.Rand);
        Assert.Equal(0.3706227617705822, random.Rand());
    }

    [Fact]
    public void Generator_draws_the_digits_of_numpy()
    {
        var random = new Generator(0);
        Assert.Equal([0.6369616873214543, 0.2697867137638703, 0.04097352393619469], Draw(3, random.Random));
        Assert.Equal([-0.9173618223573545, 3.066351196001362], Draw(2, () => random.Uniform(-1, 4)));
        Assert.Equal([6, 9, 5, 6, 9, 7, 6], Draw(7, () => random.Integers(0, 10)));
        Assert.Equal([54360, 55989, 93506], Draw(3, () => random.Integers(-5, 100000)));
        Assert.Equal([897040469319, 3011012779], Draw(2, () => random.Integers(0, 1L << 40)));
        Assert.Equal(0.8574042765875693, random.Random());
    }

    [Fact]
    public void Generator_takes_seeds_of_64_bits()
    {
        var random = new Generator((1UL << 63) + 12345);
        Assert.Equal([0.4941863433683745, 0.5760172653236889, 0.04269575705039841], Draw(3, random.Random));
    }

    [Fact]
    public void Generator_integers_cover_every_width_of_range()
    {
        var random = new Generator(0);
        Assert.Equal(3653403231, random.Integers(0, 1L << 32));
        Assert.Equal(2735729614, random.Integers(0, (1L << 32) - 1));
        Assert.Equal(-4246685573565524192, random.Integers(long.MinValue, long.MaxValue));
        Assert.Equal(3, random.Integers(3, 4));
        Assert.Equal(0.04097352393619469, random.Random());
    }

    [Fact]
    public void Generator_integers_reject_what_would_bias_them()
    {
        var random = new Generator(11);
        Assert.Equal([431003962, 2567576525, 1608286567, 1937561830, 2294067422, 1563915561], Draw(6, () => random.Integers(0, 3L << 30)));
        Assert.Equal(
            [6420926695104779455, 487136379689866195, 897715062001269068, 6560089603383823905], Draw(4, () => random.Integers(0, 3L << 61)));
        Assert.Equal(0.6218835927963828, random.Random());
    }

    [Fact]
    public void SeedSequence_generates_the_state_of_numpy() => Assert.Equal(
        [16920295385781661272, 610735763742393210, 7078124019849193311, 12917519645081627820], new SeedSequence(7).GenerateState(4));

    private static T[] Draw<T>(int count, Func<T> draw) => [.. Enumerable.Range(0, count).Select(_ => draw())];
}
