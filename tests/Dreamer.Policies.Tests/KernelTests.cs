using Dreamer.Policies.Numerics;

namespace Dreamer.Policies.Tests;

public sealed unsafe class KernelTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(5, 7, 1)]
    [InlineData(16, 8, 1)]
    [InlineData(33, 15, 5)]
    [InlineData(48, 64, 1)]
    [InlineData(96, 21, 3)]
    public void ProductsMatchPlainLoops(int outputs, int inputs, int segments)
    {
        var random = new Random(outputs);
        var source = new ushort[outputs * segments * inputs];
        foreach (ref var bits in source.AsSpan())
        {
            bits = BFloat16Bits.FromSingle(random.NextSingle() - 0.5f);
        }

        const int segmentStride = 100;
        foreach (var lanes in new[] { 8, 16 })
        {
            var matrix = new PackedMatrix(outputs, inputs, segments, lanes);
            matrix.Pack(source, segments * inputs, 1, inputs);
            for (var rows = 1; rows <= 16; rows++)
            {
                var x = Fill(new RowBuffer(rows, segments * segmentStride), random);
                var (y, bias) = (new RowBuffer(rows, outputs), Fill(new RowBuffer(1, outputs), random));
                matrix.Multiply(x.Pointer, x.Stride, rows, new Target(y.Pointer, y.Stride, bias.Pointer, 0), segmentStride);
                matrix.Multiply(x.Pointer, x.Stride, rows, y.Accumulate(), segmentStride);
                for (var i = 0; i < rows * outputs; i++)
                {
                    var (row, output) = (i / outputs, i % outputs);
                    var sum = 0.0;
                    for (var k = 0; k < segments * inputs; k++)
                    {
                        sum += BFloat16Bits.ToSingle(source[output * segments * inputs + k]) * x.Row(row)[k / inputs * segmentStride + k % inputs];
                    }

                    Assert.Equal(bias.Row(0)[output] + 2 * sum, y.Row(row)[output], 1e-4);
                }
            }
        }
    }

    [Theory]
    [InlineData(3, 2, 4)]
    [InlineData(40, 5, 7)]
    [InlineData(64, 4, 256)]
    public void ColumnsOfOneHotInputsAreSummed(int outputs, int groups, int classes)
    {
        var random = new Random(outputs);
        var (extra, width) = (3, groups * classes + 3);
        var source = new ushort[outputs * width];
        foreach (ref var bits in source.AsSpan())
        {
            bits = BFloat16Bits.FromSingle(random.NextSingle());
        }

        byte[] chosen = [.. Enumerable.Range(0, groups).Select(_ => (byte)random.Next(classes))];
        foreach (var lanes in new[] { 8, 16 })
        {
            var columns = new PackedColumns(outputs, groups, classes, lanes);
            columns.Pack(source.AsSpan(extra), width);
            // One value beyond the outputs, which must not be touched.
            var y = new RowBuffer(1, outputs + 1);
            y.Row(0).Fill(0.5f);
            columns.Add(chosen, y.Pointer);
            for (var output = 0; output < outputs; output++)
            {
                var sum = 0.5 + chosen.Select((choice, group) => (double)BFloat16Bits.ToSingle(source[output * width + extra + group * classes + choice])).Sum();
                Assert.Equal(sum, y.Row(0)[output], 1e-5);
            }

            Assert.Equal(0.5f, y.Row(0)[outputs]);
        }
    }

    [Fact]
    public void ActivationsMatchAtEveryWidth()
    {
        CheckActivations<Lanes256>();
        CheckActivations<Lanes512>();
        CheckActivations<Pair<Lanes256>>();
    }

    [Theory]
    [InlineData(1f, 0x3F80)]
    [InlineData(1.00390625f, 0x3F80)]
    [InlineData(1.01171875f, 0x3F82)]
    [InlineData(1.00390637f, 0x3F81)]
    [InlineData(-2.5f, 0xC020)]
    [InlineData(float.MaxValue, 0x7F80)]
    [InlineData(float.NegativeInfinity, 0xFF80)]
    public void RoundsToNearestEven(float value, int bits) => Assert.Equal(bits, BFloat16Bits.FromSingle(value));

    [Fact]
    public void NotANumberSurvivesRounding() =>
        Assert.True(float.IsNaN(BFloat16Bits.ToSingle(BFloat16Bits.FromSingle(BitConverter.UInt32BitsToSingle(0x7F800001)))));

    [Fact]
    public void RandomNumbersAreThoseOfPhilox()
    {
        // Known answer of the authors' Random123 for a zero counter and a zero key.
        Assert.Equal(UInt128.Parse("9b00dbd8bc57ac4ce169c58d6627e8d5", System.Globalization.NumberStyles.HexNumber), CounterRandom.Block(0, 0, 0, 0, 0));
        var (five, nine) = (new float[5], new float[9]);
        CounterRandom.Fill(1, 2, 3, five);
        CounterRandom.Fill(1, 2, 3, nine);
        Assert.Equal(five, nine[..5]);
        Assert.All(nine, value => Assert.InRange(value, 0, 0.99999994f));
    }

    private static void CheckActivations<TLanes>() where TLanes : struct, ILanes<TLanes>
    {
        const int length = 45;
        var random = new Random(1);
        var (x, scale) = (Fill(new RowBuffer(1, length), random, 12), Fill(new RowBuffer(1, length), random, 2));
        var before = x.Row(0).ToArray();
        Elementwise<TLanes>.NormSilu(x.Pointer, x.Stride, 1, length, scale.Pointer);
        var inverse = 1 / Math.Sqrt(before.Sum(value => (double)value * value) / length + 1e-4);
        for (var i = 0; i < length; i++)
        {
            var value = before[i] * inverse * scale.Row(0)[i];
            Assert.Equal(value / (1 + Math.Exp(-value)), x.Row(0)[i], 1e-6);
        }

        var (gates, previous, next) = (Fill(new RowBuffer(1, 3 * length), random, 40), Fill(new RowBuffer(1, length), random), new RowBuffer(1, length));
        Elementwise<TLanes>.Gru(gates.Pointer, previous.Pointer, next.Pointer, length);
        for (var i = 0; i < length; i++)
        {
            var candidate = Math.Tanh(gates.Row(0)[length + i] / (1 + Math.Exp(-gates.Row(0)[i])));
            var update = 1 / (1 + Math.Exp(1 - gates.Row(0)[2 * length + i]));
            Assert.Equal(update * candidate + (1 - update) * previous.Row(0)[i], next.Row(0)[i], 1e-6);
        }

        var exponents = new RowBuffer(1, 1024);
        for (var i = 0; i < 1024; i++)
        {
            exponents.Row(0)[i] = (i - 512) / 6f;
        }

        Elementwise<TLanes>.Exp(exponents.Pointer, 1024);
        for (var i = 0; i < 1024; i++)
        {
            Assert.Equal(1, exponents.Row(0)[i] / Math.Exp((i - 512) / 6f), 5e-7);
        }

        exponents.Row(0).Fill(float.NaN);
        Elementwise<TLanes>.Exp(exponents.Pointer, 1024);
        Assert.All(exponents.Row(0).ToArray(), value => Assert.True(float.IsNaN(value)));
    }

    private static RowBuffer Fill(RowBuffer buffer, Random random, float range = 1)
    {
        // Padding holds what must not be read.
        new Span<float>(buffer.Pointer, buffer.Rows * buffer.Stride).Fill(float.NaN);
        for (var row = 0; row < buffer.Rows; row++)
        {
            foreach (ref var value in buffer.Row(row))
            {
                value = range * (random.NextSingle() - 0.5f);
            }
        }

        return buffer;
    }
}
