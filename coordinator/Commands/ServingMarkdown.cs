using System.Globalization;
using Cluster.Coordinator.Benchmarking.Serving;

namespace Cluster.Coordinator.Commands;

/// <summary>What a server did under load, as a table in Markdown.</summary>
internal static class ServingMarkdown
{
    private static readonly (string Name, Func<LoadResult, string> Text)[] s_columns =
    [
        ("load", load => load.Load.ToString()),
        ("requests", load => Number(load.Requests.Count)),
        ("errors", load => Number(load.Errors)),
        ("stalled", load => Number(load.Stalled)),
        ("seconds", load => Number(load.Elapsed.TotalSeconds)),
        ("requests/s", load => Number(load.RequestsPerSecond)),
        ("input tok/s", load => Number(load.InputTokensPerSecond)),
        ("output tok/s", load => Number(load.OutputTokensPerSecond)),
        ("first token", load => Times(load.FirstToken)),
        ("per output token", load => Times(load.PerOutputToken)),
        ("between texts", load => Times(load.BetweenTokens)),
        ("whole answer", load => Times(load.Whole)),
    ];

    public static void Write(ServingReport report, TextWriter output)
    {
        output.WriteLine($"`{report.Command}`");
        output.WriteLine();
        var options = report.Options;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Model}; prompts of {options.PromptTokens} tokens, answers of {options.OutputTokens}, seed {options.Seed}; times in ms, of 50 / 90 / 99 % at most"));
        output.WriteLine();
        output.WriteLine($"| {string.Join(" | ", s_columns.Select(column => column.Name))} |");
        output.WriteLine($"|---|{string.Concat(Enumerable.Repeat("---:|", s_columns.Length - 1))}");
        foreach (var load in report.Loads) output.WriteLine($"| {string.Join(" | ", s_columns.Select(column => column.Text(load)))} |");
        foreach (var load in report.Loads)
        {
            foreach (var (error, count) in load.Problems)
            {
                output.WriteLine();
                output.WriteLine($"{load.Load}: {count} × {error}");
            }
        }
    }

    private static string Times(Percentiles times) => $"{Milliseconds(times.P50)} / {Milliseconds(times.P90)} / {Milliseconds(times.P99)}";

    private static string Milliseconds(TimeSpan time) => Number(time.TotalMilliseconds);

    private static string Number(int count) => count.ToString(CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString(value >= 100 ? "0" : value >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture);
}
