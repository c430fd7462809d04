using System.Globalization;
using Cluster.Coordinator.Benchmarking;

namespace Cluster.Coordinator.Commands;

/// <summary>A report as a table in Markdown. What is the same in every row stands above it.</summary>
internal static class BenchMarkdown
{
    private static readonly (string Name, bool IsNumber, Func<BenchmarkRow, string> Text)[] s_settings =
    [
        ("model", false, row => row.Model),
        ("split", false, row => row.Split.ToString()),
        ("threads", true, Threads),
        ("keys/values", false, row => row.Setup.CacheFormat.ToString()),
        ("wire", false, row => WireTypes.NameOf(row.Setup.Wire)),
        ("channel", false, row => ChannelKinds.NameOf(row.Setup.Channel)),
        ("depth", true, row => Number(row.Test.Depth)),
        ("batch", true, row => Number(row.Test.Batch)),
    ];

    private static readonly (string Name, bool IsNumber, Func<BenchmarkRow, string> Text)[] s_results =
    [
        ("test", false, row => row.Test.Name),
        ("tok/s", true, row => Spread.Digits(row.TokensPerSecond.Median)),
        ("least–most", true, row => $"{Spread.Digits(row.TokensPerSecond.Least)}–{Spread.Digits(row.TokensPerSecond.Most)}"),
        ("first token, ms", true, row => string.Create(CultureInfo.InvariantCulture, $"{row.FirstTokenSeconds.Median * 1000:0.0}")),
        ("of the limit", true, row => LimitText.Of(row.Read, row.MultiplyAdds)),
    ];

    /// <param name="report">What was measured.</param>
    /// <param name="isBrokenDown">Whether a second table tells where the time of steps went.</param>
    /// <param name="output">Where it is written.</param>
    public static void Write(BenchmarkReport report, bool isBrokenDown, TextWriter output)
    {
        var same = s_settings.Where(column => report.Rows.Select(column.Text).Distinct().Count() == 1).ToList();
        output.WriteLine($"`{report.Command}`");
        output.WriteLine();
        output.WriteLine($"{string.Join("; ", report.Devices)}; cluster {report.Version}; median of {Number(report.Repetitions)}");
        output.WriteLine(string.Join(", ", same.Select(column => $"{column.Name} {column.Text(report.Rows[0])}")));
        output.WriteLine();

        var settings = s_settings.Except(same).ToList();
        (string Name, bool IsNumber, Func<BenchmarkRow, string> Text)[] columns = [.. settings, .. s_results];
        output.WriteLine($"| {string.Join(" | ", columns.Select(column => column.Name))} |");
        output.WriteLine($"|{string.Join("|", columns.Select(column => column.IsNumber ? "---:" : "---"))}|");
        foreach (var row in report.Rows) output.WriteLine($"| {string.Join(" | ", columns.Select(column => column.Text(row)))} |");
        if (!isBrokenDown) return;

        output.WriteLine();
        BenchBreakdownMarkdown.Write(report, settings, output);
        foreach (var row in report.Rows)
            BenchKernelsMarkdown.Write(row, string.Join(", ", settings.Select(column => $"{column.Name} {column.Text(row)}").Prepend(row.Test.Name)), output);
    }

    private static string Threads(BenchmarkRow row) =>
        row.Threads.Distinct().Count() == 1 ? Number(row.Threads[0]) : string.Join('+', row.Threads.Select(Number));

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
