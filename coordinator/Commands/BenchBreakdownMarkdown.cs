using System.Globalization;
using Cluster.Coordinator.Benchmarking;
using Cluster.Coordinator.Engine.Statistics;

namespace Cluster.Coordinator.Commands;

/// <summary>Where the time of a test's steps went, as a table in Markdown: a line for each rank, the coordinator's part beside the first.</summary>
internal static class BenchBreakdownMarkdown
{
    private static readonly (string Name, Func<RankTimes, TimeSpan> Time)[] s_rank =
    [
        ("attention", rank => rank.Attention),
        ("Q K V gate up", rank => rank.ColumnProducts),
        ("output down", rank => rank.RowProducts),
        ("head", rank => rank.Head),
        ("other", rank => rank.Other),
        ("wire", rank => rank.Wire),
        ("wait", rank => rank.Wait),
    ];

    private static readonly (string Name, Func<StepBreakdown, TimeSpan> Time)[] s_coordinator =
    [
        ("streams", steps => steps.Stream),
        ("sampling", steps => steps.Sampling),
        ("scheduling", steps => steps.Scheduling),
        ("step", steps => steps.Total),
    ];

    /// <param name="report">What was measured.</param>
    /// <param name="settings">Columns that tell the rows apart.</param>
    /// <param name="output">Where it is written.</param>
    public static void Write(BenchmarkReport report, IReadOnlyList<(string Name, bool IsNumber, Func<BenchmarkRow, string> Text)> settings, TextWriter output)
    {
        output.WriteLine("Milliseconds of a step:");
        output.WriteLine();
        string[] names = [.. settings.Select(column => column.Name), "test", "rank", .. s_rank.Select(part => part.Name), .. s_coordinator.Select(part => part.Name)];
        output.WriteLine($"| {string.Join(" | ", names)} |");
        output.WriteLine($"|{string.Join("|", settings.Select(column => column.IsNumber ? "---:" : "---"))}{(settings.Count > 0 ? "|" : "")}---|---:|{string.Concat(Enumerable.Repeat("---:|", s_rank.Length + s_coordinator.Length))}");
        foreach (var row in report.Rows)
        {
            for (var rank = 0; rank < row.Steps.Ranks.Length; rank++)
            {
                var times = row.Steps.Ranks[rank];
                string[] cells =
                [
                    .. settings.Select(column => column.Text(row)), row.Test.Name, rank.ToString(CultureInfo.InvariantCulture),
                    .. s_rank.Select(part => Milliseconds(part.Time(times), row.Steps)),
                    .. s_coordinator.Select(part => rank == 0 ? Milliseconds(part.Time(row.Steps), row.Steps) : ""),
                ];
                output.WriteLine($"| {string.Join(" | ", cells)} |");
            }
        }
    }

    private static string Milliseconds(TimeSpan time, StepBreakdown steps) =>
        (time.TotalMilliseconds / Math.Max(1, steps.Steps)).ToString("0.000", CultureInfo.InvariantCulture);
}
