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
    public void Generator_draws_normals_and_exponentials_of_numpy()
    {
        var random = new Generator(0);
        Assert.Equal(
            [0.1257302210933933, -0.1321048632913019, 0.6404226504432821, 0.10490011715303971, -0.535669373161111], Draw(5, random.StandardNormal));
        Assert.Equal([3.084785164728454, 5.912000135390412], Draw(2, () => random.Normal(2, 3)));
        Assert.Equal([0.7553013578253913, 2.8167859790757257, 6.0577530804425725, 3.2864282578937436], Draw(4, () => random.Exponential()));
        Assert.Equal([0.000643875167411419, 1.1345473321334543], Draw(2, () => random.Exponential(0.5)));
        Assert.Equal(0.033585575305464355, random.Random());
    }

    [Fact]
    public void Generator_draws_rare_values_to_the_last_digit()
    {
        var random = new Generator(7);
        var normals = Draw(200_000, random.StandardNormal);
        Assert.Equal((4.522829666849905, -4.502222241099144), (normals.Max(), normals.Min()));
        Assert.Equal(46, normals.Count(value => Math.Abs(value) > 3.6541528853610088));
        Assert.Equal(3708528197079790845UL, Digest(normals));

        var exponentials = Draw(200_000, () => random.Exponential());
        Assert.Equal(92, exponentials.Count(value => value > 7.697117470131049));
        Assert.Equal(6119036561343483303UL, Digest(exponentials));
    }

    [Fact]
    public void Generator_shuffles_and_chooses_as_numpy()
    {
        var random = new Generator(5);
        Assert.Equal([7, 6, 1, 3, 2, 4, 0, 9, 5, 8], random.Permutation(10));
        Assert.Equal("fdabec", Shuffled("abcdef", random.Shuffle));
        Assert.Equal([3, 1, 2, 3, 3, 3, 2, 2], Draw(8, () => random.Choice([0.1, 0.2, 0.3, 0.4])));
        Assert.Equal([1, 16, 26, 27, 17, 29], random.Choice(30, 6));
        Assert.Equal([16157, 18467, 6221, 7154, 12657], random.Choice(20000, 500)[..5]);
        Assert.Equal([17814, 18147, 10367, 10375, 7568], random.Choice(20000, 300)[..5]);
        Assert.Equal([2, 1, 3, 4, 0], random.Choice(5, 5));
        Assert.Equal(0.0315805699092685, random.Random());
    }

    [Fact]
    public void RandomState_shuffles_chooses_and_scales_as_numpy()
    {
        var random = new RandomState(5);
        Assert.Equal([9, 5, 2, 4, 7, 1, 0, 8, 6, 3], random.Permutation(10));
        Assert.Equal("cbedfa", Shuffled("abcdef", random.Shuffle));
        Assert.Equal([3, 3, 3, 1, 3, 1, 1, 1], Draw(8, () => random.Choice([0.1, 0.2, 0.3, 0.4])));
        Assert.Equal([23, 13, 19, 22, 27, 8], random.Choice(30, 6));
        Assert.Equal([5.30758412996856, 8.078616955047874, 6.326181699622652], Draw(3, () => random.Normal(2, 3)));
        Assert.Equal([3.3874624794366004, 5.19776806602582, 0.011503130256132513], Draw(3, () => random.Exponential(2)));
        Assert.Equal(0.7205595731921262, random.Rand());
    }

    [Theory]
    [InlineData(0.5, 0.4)]
    [InlineData(1.5, -0.5)]
    [InlineData(double.NaN, 1.0)]
    public void Choices_need_probabilities(double first, double second)
    {
        Assert.Throws<ArgumentException>(() => new Generator(0).Choice([first, second]));
        Assert.Throws<ArgumentException>(() => new RandomState(0).Choice([first, second]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Generator(0).Choice(3, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandomState(0).Choice(3, 4));
    }

    [Fact]
    public void SeedSequence_generates_the_state_of_numpy() => Assert.Equal(
        [16920295385781661272, 610735763742393210, 7078124019849193311, 12917519645081627820], new SeedSequence(7).GenerateState(4));

    private delegate void Shuffle(Span<char> items);

    private static string Shuffled(string text, Shuffle shuffle)
    {
        var items = text.ToCharArray();
        shuffle(items);
        return new string(items);
    }

    /// <summary>Of every bit, so that 200,000 values are compared by one number.</summary>
    private static ulong Digest(double[] values) =>
        values.Aggregate(0UL, (digest, value) => unchecked((digest * 31) + BitConverter.DoubleToUInt64Bits(value)));

    private static T[] Draw<T>(int count, Func<T> draw) => [.. Enumerable.Range(0, count).Select(_ => draw())];
}
