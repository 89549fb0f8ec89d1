using System.Text.Json.Serialization;
using Dreamer.Environments.Control;

namespace Dreamer.Environments.Tests.Control;

public sealed class ToleranceTests
{
    [Fact]
    public void Values_are_those_of_the_suite()
    {
        var cases = ControlRecording.Read<Case[]>("tolerance.json.gz");
        Assert.Equal(Enum.GetValues<Sigmoid>(), cases.Select(Shape).Distinct().Order());
        Assert.All(cases, one => Assert.Equal(one.Value, Tolerance.Of(one.X, one.Low, one.High, one.Margin, Shape(one), one.AtMargin), 1e-12));
    }

    [Fact]
    public void Without_a_margin_it_is_a_yes_or_no()
    {
        Assert.Equal(1, Tolerance.Of(2, 1, 2));
        Assert.Equal(0, Tolerance.Of(2.0001, 1, 2));
        Assert.Equal(1, Tolerance.Of(1e300, 1, double.PositiveInfinity));
        Assert.Equal(0, Tolerance.Of(double.NaN, 1, double.PositiveInfinity));
    }

    [Fact]
    public void It_is_the_value_at_margin_one_margin_away()
    {
        foreach (var sigmoid in Enum.GetValues<Sigmoid>())
        {
            Assert.Equal(0.3, Tolerance.Of(-4, -1, 1, margin: 3, sigmoid, atMargin: 0.3), 1e-12);
            Assert.Equal(0.3, Tolerance.Of(4, -1, 1, margin: 3, sigmoid, atMargin: 0.3), 1e-12);
        }
    }

    [Fact]
    public void Parameters_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Tolerance.Of(0, 2, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tolerance.Of(0, margin: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tolerance.Of(1, margin: 1, atMargin: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tolerance.Of(1, margin: 1, sigmoid: Sigmoid.Linear, atMargin: 1));
    }

    [Fact]
    public void Small_controls_are_averaged() => Assert.Equal((1 + 0.75 + 0) / 3, Tolerance.OfSmall([0, -0.5, 2]), 1e-12);

    private static Sigmoid Shape(Case one) => Enum.Parse<Sigmoid>(one.Sigmoid.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);

    private sealed record Case(
        [property: JsonPropertyName("x")] double X,
        [property: JsonPropertyName("lo")] double Low,
        [property: JsonPropertyName("hi")] double High,
        [property: JsonPropertyName("margin")] double Margin,
        [property: JsonPropertyName("sigmoid")] string Sigmoid,
        [property: JsonPropertyName("value_at_margin")] double AtMargin,
        [property: JsonPropertyName("y")] double Value);
}
