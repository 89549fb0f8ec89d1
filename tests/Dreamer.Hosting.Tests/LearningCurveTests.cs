using System.Xml.Linq;
using Dreamer.Reporting;

namespace Dreamer.Hosting.Tests;

/// <summary>Learning curves: what is averaged, and what is drawn.</summary>
public sealed class LearningCurveTests : IDisposable
{
    private readonly string file = Path.GetTempFileName();

    public void Dispose() => File.Delete(file);

    [Fact]
    public void A_stretch_averages_its_episodes_then_the_runs_and_keeps_their_range()
    {
        var curve = LearningCurve.Of([[(10, 1), (50, 3), (100, 10)], [(40, 6), (100, 20)]], points: 2);

        Assert.Equal([50, 100], curve.Steps);
        Assert.Equal([4, 15], curve.Mean);
        Assert.Equal([2, 10], curve.Lowest);
        Assert.Equal([6, 20], curve.Highest);
        Assert.Equal(2, curve.Runs);
    }

    [Fact]
    public void A_gap_repeats_the_stretch_before_and_an_early_end_leaves_the_others()
    {
        var curve = LearningCurve.Of([[(25, 4), (100, 8)], [(25, 2)]], points: 4);

        Assert.Equal([3, 4, 4, 8], curve.Mean);
    }

    [Fact]
    public void Nothing_before_the_first_episode()
    {
        var curve = LearningCurve.Of([[(60, 5), (100, 5)]], points: 4);

        Assert.Equal([75, 100], curve.Steps);
    }

    [Fact]
    public void The_line_that_is_being_written_is_left_out()
    {
        File.WriteAllText(file, "{\"step\":14,\"episode/score\":13}\n{\"step\":2");

        Assert.Equal([(14L, 13.0)], LearningCurve.ReadScores(file));
    }

    [Theory]
    [InlineData("{\"step\":14}")]
    [InlineData("oops")]
    [InlineData("{\"step\":\"x\",\"episode/score\":1}")]
    public void Another_file_is_refused_by_name_and_line(string line)
    {
        File.WriteAllText(file, "{\"step\":14,\"episode/score\":13}\n" + line + "\n");

        Assert.Contains($"{file}, line 2", Assert.Throws<FormatException>(() => LearningCurve.ReadScores(file)).Message);
    }

    [Fact]
    public void The_picture_has_a_panel_per_task_and_a_line_per_curve_within_it()
    {
        var two = LearningCurve.Of([[(50, -3), (100, 10)], [(100, 20)]], points: 10);
        var one = LearningCurve.Of([[(100, 5)]], points: 10);
        var picture = XElement.Parse(CurveChart.Draw([new("a<b", [("x", two), ("y", one)]), new("c", [("x", one)])]));

        var panels = picture.Elements().Where(element => element.Name.LocalName == "g").ToList();
        Assert.Equal([2, 1], panels.Select(panel => Named(panel, "polyline").Count()));
        Assert.Equal([1, 0], panels.Select(panel => Named(panel, "polygon").Count()));
        Assert.Contains(Named(panels[0], "text"), text => text.Value == "a<b");
        Assert.Contains(Named(panels[0], "text"), text => text.Value == "x (2 runs)");
        double[] numbers = [.. picture.Descendants().Attributes("points").SelectMany(points => points.Value.Split(' ', ',')).Select(double.Parse)];
        Assert.All(numbers, number => Assert.InRange(number, 0, 460));
    }

    private static IEnumerable<XElement> Named(XElement parent, string name) => parent.Elements().Where(element => element.Name.LocalName == name);
}
