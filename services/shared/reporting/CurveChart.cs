using System.Globalization;
using System.Xml.Linq;

namespace Dreamer.Reporting;

/// <summary>Learning curves as a picture (SVG): a panel per task, a line per curve with the range of its runs behind it.</summary>
public static class CurveChart
{
    private const double Width = 460;
    private const double Height = 300;
    private const double Left = 62;
    private const double Right = 16;
    private const double Top = 34;
    private const double Bottom = 46;

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    // Okabe and Ito: told apart by colour-blind readers.
    private static readonly string[] Colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];

    /// <summary>One panel.</summary>
    /// <param name="Title">The task.</param>
    /// <param name="Curves">Label and curve; a curve without points is only named.</param>
    public sealed record Panel(string Title, IReadOnlyList<(string Label, LearningCurve Curve)> Curves);

    /// <summary>The picture's text; panels side by side, three in a row.</summary>
    public static string Draw(IReadOnlyList<Panel> panels)
    {
        var columns = Math.Min(3, panels.Count);
        var rows = (panels.Count + columns - 1) / columns;
        var root = Element("svg", ("width", columns * Width), ("height", rows * Height), ("font-family", "sans-serif"), ("font-size", 12));
        root.Add(Element("rect", ("width", columns * Width), ("height", rows * Height), ("fill", "#ffffff")));
        for (var i = 0; i < panels.Count; i++)
        {
            var group = Element("g", ("transform", Invariant($"translate({i % columns * Width} {i / columns * Height})")));
            Fill(group, panels[i]);
            root.Add(group);
        }

        return root + "\n";
    }

    private static void Fill(XElement group, Panel panel)
    {
        var curves = panel.Curves.Select(pair => pair.Curve).Where(curve => curve.Steps.Length > 0).ToList();
        var (lastStep, low, high) = curves.Count > 0
            ? (curves.Max(curve => curve.Steps[^1]), curves.Min(curve => curve.Lowest.Min()), curves.Max(curve => curve.Highest.Max()))
            : (1, 0, 1);
        var unit = Unit(Math.Max(high - low, 1e-9));
        (low, high) = (Math.Floor(low / unit) * unit, Math.Max(Math.Ceiling(high / unit) * unit, (Math.Floor(low / unit) + 1) * unit));
        double X(double step) => Left + (step / lastStep * (Width - Left - Right));
        double Y(double score) => Height - Bottom - ((score - low) / (high - low) * (Height - Top - Bottom));

        group.Add(Text(panel.Title, Left, 20, "start", bold: true));
        for (var score = low; score <= high + (unit / 2); score += unit)
        {
            group.Add(Line(Left, Y(score), Width - Right, Y(score), "#dddddd"));
            group.Add(Text(Short(Math.Abs(score) < unit / 1e6 ? 0 : score), Left - 6, Y(score) + 4, "end"));
        }

        var stretch = Unit(lastStep);
        for (double step = 0; step <= lastStep * 1.0001; step += stretch)
        {
            group.Add(Line(X(step), Height - Bottom, X(step), Height - Bottom + 4, "#444444"));
            group.Add(Text(Short(step), X(step), Height - Bottom + 17, "middle"));
        }

        group.Add(Line(Left, Height - Bottom, Width - Right, Height - Bottom, "#444444"));
        group.Add(Text("environment steps", (Left + Width - Right) / 2, Height - 10, "middle"));
        for (var i = 0; i < panel.Curves.Count; i++)
        {
            var (label, curve) = panel.Curves[i];
            var colour = Colours[i % Colours.Length];
            string Points(IEnumerable<(double Step, double Score)> points) =>
                string.Join(' ', points.Select(point => Invariant($"{X(point.Step):0.#},{Y(point.Score):0.#}")));
            if (curve.Runs > 1)
            {
                var band = curve.Steps.Zip(curve.Highest).Concat(curve.Steps.Zip(curve.Lowest).Reverse());
                group.Add(Element("polygon", ("points", Points(band)), ("fill", colour), ("opacity", 0.18)));
            }

            group.Add(Element("polyline", ("points", Points(curve.Steps.Zip(curve.Mean))), ("fill", "none"), ("stroke", colour), ("stroke-width", 2)));
            group.Add(Element("rect", ("x", Left + 10), ("y", Top + 6 + (16 * i)), ("width", 14), ("height", 4), ("fill", colour)));
            group.Add(Text($"{label} ({curve.Runs} {(curve.Runs == 1 ? "run" : "runs")})", Left + 30, Top + 12 + (16 * i), "start"));
        }
    }

    // 1, 2 or 5 times a power of ten, so that four to eight of them make the range.
    private static double Unit(double range)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(range)));
        return (range / power) switch { < 1.5 => 0.2, < 3 => 0.5, < 7 => 1.0, _ => 2.0 } * power;
    }

    private static string Short(double value) => Math.Abs(value) switch
    {
        >= 1e6 => Invariant($"{value / 1e6:0.##}M"),
        >= 1e4 => Invariant($"{value / 1e3:0.##}k"),
        _ => Invariant($"{value:0.####}"),
    };

    private static XElement Line(double x1, double y1, double x2, double y2, string colour) =>
        Element("line", ("x1", x1), ("y1", y1), ("x2", x2), ("y2", y2), ("stroke", colour));

    private static XElement Text(string text, double x, double y, string anchor, bool bold = false)
    {
        var element = Element("text", ("x", x), ("y", y), ("text-anchor", anchor), ("fill", "#222222"));
        if (bold)
        {
            element.SetAttributeValue("font-weight", "bold");
        }

        element.Value = text;
        return element;
    }

    private static XElement Element(string name, params (string Name, object Value)[] attributes) => new(
        Svg + name, attributes.Select(pair => new XAttribute(pair.Name, pair.Value is double number ? Invariant($"{number:0.##}") : pair.Value)));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
