using System.Globalization;
using System.Xml;

namespace Cluster.Coordinator.Evaluation;

/// <summary>A report as a picture: memory against divergence, which is on a logarithmic axis. Readable on light and dark pages, no script.</summary>
internal static class KvReportPicture
{
    private const int Width = 860, Height = 520, Left = 90, Right = 40, Top = 64, Bottom = 64, LabelHeight = 15;

    private const string Style = """
        text { font: 13px system-ui, sans-serif; fill: #1f2328; } .title { font-size: 16px; font-weight: 600; }
        .axis { stroke: #59636e; } .grid { stroke: #d1d9e0; } .rotated { fill: #0969da; stroke: #0969da; } .plain { fill: none; stroke: #cf222e; stroke-width: 2; }
        @media (prefers-color-scheme: dark) { text { fill: #e6edf3; } .axis { stroke: #9198a1; } .grid { stroke: #3d444d; }
        .rotated { fill: #4493f8; stroke: #4493f8; } .plain { stroke: #f85149; } }
        """;

    public static void Write(KvReport report, Stream output)
    {
        // What does not diverge has no place on a logarithmic axis.
        var rows = report.Rows.Where(row => row.Scores.Divergence.Mean is > 0 and < double.PositiveInfinity && double.IsFinite(row.Ratio)).ToArray();
        var low = rows.Length == 0 ? -4 : (int)Math.Floor(Math.Log10(rows.Min(row => row.Scores.Divergence.Mean)));
        var high = rows.Length == 0 ? 0 : Math.Max(low + 1, (int)Math.Ceiling(Math.Log10(rows.Max(row => row.Scores.Divergence.Mean))));
        var widest = Math.Max(1, rows.Length == 0 ? 1 : Math.Ceiling(rows.Max(row => row.Ratio) * 5) / 5);

        using var svg = XmlWriter.Create(output, new XmlWriterSettings { Indent = true, CloseOutput = false });
        svg.WriteStartElement("svg", "http://www.w3.org/2000/svg");
        svg.WriteAttributeString("viewBox", $"0 0 {Width} {Height}");
        svg.WriteAttributeString("role", "img");
        svg.WriteElementString("title", $"KV cache formats of {report.Model}: memory and divergence");
        svg.WriteElementString("style", Style);
        Text(svg, Left, 26, "start", $"KV cache formats, {report.Model}: {report.Windows} windows of {report.Context} tokens", "title");
        WriteLegend(svg);
        WriteAxes(svg, low, high, widest);
        WritePoints(svg, rows.Where(row => row.IsRotated == true), true, X, Y);
        WritePoints(svg, rows.Where(row => row.IsRotated != true), false, X, Y);
        svg.WriteEndElement();

        double X(double ratio) => Left + ratio / widest * (Width - Left - Right);
        double Y(double divergence) => Height - Bottom - (Math.Log10(divergence) - low) / (high - low) * (Height - Top - Bottom);
    }

    private static void WriteLegend(XmlWriter svg)
    {
        Circle(svg, Left + 6, 46, "rotated");
        Text(svg, Left + 18, 50, "start", "rotated before quantizing");
        Circle(svg, Left + 206, 46, "plain");
        Text(svg, Left + 218, 50, "start", "not rotated");
    }

    private static void WriteAxes(XmlWriter svg, int low, int high, double widest)
    {
        for (var decade = low; decade <= high; decade++)
        {
            var y = Height - Bottom - (double)(decade - low) / (high - low) * (Height - Top - Bottom);
            Line(svg, Left, y, Width - Right, y, decade == low ? "axis" : "grid");
            Text(svg, Left - 8, y + 4, "end", Math.Pow(10, decade).ToString("0.##########", CultureInfo.InvariantCulture));
        }

        for (var tenth = 0; tenth <= widest * 5 + 0.01; tenth++)
        {
            var x = Left + tenth / 5.0 / widest * (Width - Left - Right);
            Line(svg, x, Height - Bottom, x, Height - Bottom + 5, "axis");
            Text(svg, x, Height - Bottom + 20, "middle", (tenth / 5.0).ToString("0.0", CultureInfo.InvariantCulture));
        }

        Text(svg, (Left + Width - Right) / 2.0, Height - 16, "middle", "memory, as a part of f16/f16");
        Text(svg, Left + 8, Top + 14, "start", "mean KL divergence from f16/f16 in nats (lower is better)");
    }

    /// <summary>Labels of rotated formats are on the right of their points, the others' on the left; those that would overlap move down.</summary>
    private static void WritePoints(XmlWriter svg, IEnumerable<KvReportRow> rows, bool isRotated, Func<double, double> toX, Func<double, double> toY)
    {
        var labels = new List<(double X, double Y)>();
        foreach (var row in rows.OrderByDescending(row => row.Scores.Divergence.Mean))
        {
            var (x, y) = (toX(row.Ratio), toY(row.Scores.Divergence.Mean));
            Circle(svg, x, y, isRotated ? "rotated" : "plain");
            var labelY = y + 4;
            foreach (var label in labels)
            {
                if (Math.Abs(label.X - x) < 90 && labelY - label.Y < LabelHeight) labelY = Math.Max(labelY, label.Y + LabelHeight);
            }

            labels.Add((x, labelY));
            Text(svg, isRotated ? x + 10 : x - 10, labelY, isRotated ? "start" : "end", row.Types);
        }
    }

    private static void Circle(XmlWriter svg, double x, double y, string style) =>
        Element(svg, "circle", ("cx", Number(x)), ("cy", Number(y)), ("r", "5"), ("class", style));

    private static void Line(XmlWriter svg, double x1, double y1, double x2, double y2, string style) =>
        Element(svg, "line", ("x1", Number(x1)), ("y1", Number(y1)), ("x2", Number(x2)), ("y2", Number(y2)), ("class", style));

    private static void Text(XmlWriter svg, double x, double y, string anchor, string text, string style = "label")
    {
        svg.WriteStartElement("text");
        foreach (var (name, value) in new[] { ("x", Number(x)), ("y", Number(y)), ("text-anchor", anchor), ("class", style) }) svg.WriteAttributeString(name, value);
        svg.WriteString(text);
        svg.WriteEndElement();
    }

    private static void Element(XmlWriter svg, string name, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        svg.WriteStartElement(name);
        foreach (var attribute in attributes) svg.WriteAttributeString(attribute.Name, attribute.Value);
        svg.WriteEndElement();
    }

    private static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
