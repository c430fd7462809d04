using System.Globalization;
using Cluster.IntegrationTests.Faults.Harness;

namespace Cluster.Benchmarks.Faults;

/// <summary>
/// Harms one random worker at a random token of live streams, again and again, and compares every text with an undisturbed run's. Prints how
/// long streams paused.
/// </summary>
internal static class FaultBenchmark
{
    private static readonly double[] s_percentiles = [0, 50, 90, 95, 99, 100];

    /// <returns>Whether every text of every run was as it is undisturbed.</returns>
    public static async Task<bool> RunAsync(FaultBenchmarkOptions options)
    {
        var random = new Random(options.Seed);
        await using var server = await FaultServer.StartAsync("--local-workers", $"{options.Workers}", "--threads", "1");
        var undisturbed = LiveStream.Create(options.Streams, options.Tokens, random);
        await server.RunAsync(undisturbed, _ => { });

        var pauses = new List<double>();
        var identical = 0;
        for (var run = 1; run <= options.Runs; run++)
        {
            await server.WhenWholeAsync(options.Workers);
            var streams = undisturbed.Select(stream => stream.Again()).ToArray();
            var moment = random.Next(1, options.Streams * options.Tokens * 9 / 10);
            var worker = $"local-{random.Next(options.Workers)}";
            await server.RunAsync(streams, count =>
            {
                if (count == moment) server.Signal(worker, options.Signal);
            });

            var isIdentical = undisturbed.Zip(streams).All(pair => pair.Second.Error is null && (pair.First.Count, pair.First.Text) == (pair.Second.Count, pair.Second.Text));
            identical += isIdentical ? 1 : 0;
            pauses.Add(streams.Max(stream => stream.Pause.TotalSeconds));
            Console.Error.WriteLine(FormattableString.Invariant($"run {run}: {options.Signal} {worker} at token {moment}: longest pause {pauses[^1]:0.00} s, {(isIdentical ? "identical" : "DIFFERENT")}"));
        }

        Print(options, undisturbed, pauses, identical);
        return identical == options.Runs;
    }

    private static void Print(FaultBenchmarkOptions options, LiveStream[] undisturbed, List<double> pauses, int identical)
    {
        pauses.Sort();
        Console.WriteLine($"{options.Runs} runs: {options.Workers} workers, {options.Streams} live streams of {options.Tokens} tokens, one random worker sent SIG{options.Signal} at a random token.");
        Console.WriteLine($"All streams complete and identical to the undisturbed run: {identical} of {options.Runs} runs.");
        Console.WriteLine(FormattableString.Invariant($"Longest pause between two tokens without a fault: {undisturbed.Max(stream => stream.Pause.TotalSeconds):0.00} s."));
        Console.WriteLine();
        Console.WriteLine($"| longest pause of a run | {string.Join(" | ", s_percentiles.Select(percentile => percentile switch { 0 => "min", 100 => "max", _ => $"p{percentile}" }))} |");
        Console.WriteLine($"|---|{string.Concat(Enumerable.Repeat("---:|", s_percentiles.Length))}");
        Console.WriteLine($"| seconds | {string.Join(" | ", s_percentiles.Select(percentile => At(pauses, percentile).ToString("0.00", CultureInfo.InvariantCulture)))} |");
    }

    /// <summary>The smallest value that so many percent are not above.</summary>
    private static double At(List<double> sorted, double percentile) => sorted[Math.Max(0, (int)Math.Ceiling(percentile / 100 * sorted.Count) - 1)];
}
